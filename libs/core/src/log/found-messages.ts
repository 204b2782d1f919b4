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

  /** Targets know nothing of each other: the order of their ids is for the sake of one order, whoever was dirty first. */
  inOrder(): readonly TopicMessage[] {
    this.#said.sort((a, b) => (a.target < b.target ? -1 : 1));
    return this.#said.flatMap(({ messages }) => messages);
  }
}
