import type { TopicMessage } from '../audit/record.ts';
import type { TargetId } from '../lang/target.ts';

/** What the evaluations of one message said. Most say nothing: for those there is one empty list. */
export class FoundMessages {
  next: TopicMessage[] = [];
  readonly #said: Said[] = [];

  /** Whatever is in `next` is the target's. `place`: a number of its own, the same in every process. */
  keep(target: TargetId, place: number): void {
    if (this.next.length === 0) return;
    this.#said.push({ target, place, messages: this.next });
    this.next = [];
  }

  /**
   * Adds everything to `said`. Targets know nothing of each other: their order is for the sake of one order, whoever was
   * dirty first. By numbers, for a comparison of long ids takes its time.
   */
  addTo(said: TopicMessage[]): void {
    this.#said.sort((a, b) => a.place - b.place || (a.target < b.target ? -1 : 1));
    // One by one: a hundred thousand are too many for a spread.
    for (const { messages } of this.#said) for (const message of messages) said.push(message);
  }
}

interface Said {
  readonly target: TargetId;
  readonly place: number;
  readonly messages: readonly TopicMessage[];
}
