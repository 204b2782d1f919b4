import type { TopicMessage } from '../audit/record.ts';
import type { TargetId } from '../lang/target.ts';

/** What the evaluations of one message said. Most say nothing: for those there is one empty list. */
export class FoundMessages {
  next: TopicMessage[] = [];
  readonly #said: Said[] = [];

  /**
   * Whatever is in `next` is the target's, or that of the shadow of the name. `phase`: the target's number of its own, the
   * same in every process.
   */
  keep({ target, phase, name = '' }: Speaker): void {
    if (this.next.length === 0) return;
    this.#said.push({ target, phase, name, messages: this.next });
    this.next = [];
  }

  /**
   * Adds everything to `said`. Targets know nothing of each other: their order is for the sake of one order, whoever was
   * dirty first. By numbers, for a comparison of long ids takes its time.
   */
  addTo(said: TopicMessage[]): void {
    this.#said.sort((a, b) => a.phase - b.phase || byName(a, b));
    // One by one: a hundred thousand are too many for a spread.
    for (const { messages } of this.#said) for (const message of messages) said.push(message);
  }
}

interface Speaker {
  readonly target: TargetId;
  readonly phase: number;
  readonly name?: string;
}

/** The setting in force, which has no name, comes before its shadows. */
function byName(a: Said, b: Said): number {
  if (a.target !== b.target) return a.target < b.target ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

interface Said extends Required<Speaker> {
  readonly messages: readonly TopicMessage[];
}
