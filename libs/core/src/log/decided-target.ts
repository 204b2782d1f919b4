import { spread } from '../lang/hash.ts';
import type { TargetId } from '../lang/target.ts';
import type { TargetState } from '../decision/decision.ts';
import type { LastRecord, ProgressSnapshot } from './snapshot.ts';

/** What is known of one target by whoever decides on it, and what was said of it last. */
export class DecidedTarget {
  readonly target: TargetId;
  /** A number of its own: when it is looked at within a period, and where it comes among those of one message. */
  readonly phase: number;
  state: TargetState = { capacity: { kind: 'unknown' } };
  last: LastRecord | undefined;
  /** How often the same as `last` was found since. */
  unchanged = 0;

  constructor(target: TargetId) {
    this.target = target;
    this.phase = spread(target);
  }

  progress(): ProgressSnapshot {
    const { state, last, unchanged } = this;
    return { state, ...(last === undefined ? {} : { last: { ...last, unchanged } }) };
  }

  resume({ state, last: found }: ProgressSnapshot): void {
    this.state = state;
    if (found === undefined) return;
    const { unchanged, ...last } = found;
    this.last = last;
    this.unchanged = unchanged;
  }
}
