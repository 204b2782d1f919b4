import type { TopicMessage } from '../audit/record.ts';
import type { TargetId } from '../lang/target.ts';

/** What the evaluations of one message said. Most say nothing: for those there is one empty list. */
export class FoundMessages {
  next: TopicMessage[] = [];
  readonly #said: { readonly target: TargetId; readonly messages: readonly TopicMessage[] }[] = [];

  /** Whatever is in `next` is the target's. */
  keep(target: TargetId): void {
    if (this.next.length === 0) return;
    this.#said.push({ target, messages: this.next });
    this.next = [];
  }

  /**
   * Adds everything to `said`. Targets know nothing of each other: the order of their ids is for the sake of one order,
   * whoever was dirty first.
   */
  addTo(said: TopicMessage[]): void {
    this.#said.sort((a, b) => (a.target < b.target ? -1 : 1));
    // One by one: a hundred thousand are too many for a spread.
    for (const { messages } of this.#said) for (const message of messages) said.push(message);
  }
}
