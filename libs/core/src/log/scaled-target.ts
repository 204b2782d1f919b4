import { minuteMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { isOverdue, readPatienceMs } from '../decision/guards.ts';
import { longerBackoff } from '../decision/backoff.ts';
import type { Backoff } from '../decision/backoff.ts';
import type { TargetState } from '../decision/decision.ts';
import { isFailure } from '../outcome/outcome.ts';
import type { CapacityObservation, Outcome, Started } from '../outcome/outcome.ts';
import { acted } from './action-history.ts';
import type { Action } from './action-history.ts';
import { DecidedTarget } from './decided-target.ts';
import type { ProgressSnapshot } from './snapshot.ts';

/** An unchanged finding is on record at least so often. */
export const heartbeatMs = 15 * minuteMs;

/**
 * What is known of one target that commands are made for, and how events change that.
 *
 *   nothing ──decided──► in flight ──started──► running ──outcome──► nothing
 *                            └──no start by startBy + 30 s, capacity observed anew──► nothing
 */
export class ScaledTarget extends DecidedTarget {
  readAskedAt: Instant | undefined;
  endedSequence: number | undefined;

  started({ commandId }: Started): void {
    const { inFlight } = this.state;
    if (inFlight?.commandId !== commandId) return;
    this.state = { ...this.state, inFlight: { ...inFlight, started: true } };
  }

  /** A repetition, which may come late, says nothing about the present: not even its capacity counts. */
  outcome(outcome: Outcome, now: Instant, logId: string): void {
    // Another log, one from before the hub was made anew, counted in sequences of its own.
    if (outcome.source.kind === 'log' && outcome.source.position.logId === logId) {
      const { sequence } = outcome.source.position;
      if (this.endedSequence !== undefined && sequence <= this.endedSequence) return;
      this.endedSequence = sequence;
    }
    const { inFlight, backoff, ...rest } = outcome.reachedProvider
      ? acted(this.state, this.#actionOf(outcome, now))
      : this.state;
    const ours = inFlight?.commandId === outcome.commandId;
    const next = ours ? backoffAfter(outcome, backoff, now) : backoff;
    this.state = {
      ...rest,
      capacity: capacityOf(outcome.capacity, now),
      ...(inFlight === undefined || ours ? {} : { inFlight }),
      ...(next === undefined ? {} : { backoff: next }),
    };
  }

  /** When somebody else's command, or one that was given up, was decided is not known here: not after now. */
  #actionOf({ commandId, to }: Outcome, now: Instant): Action {
    const { inFlight, capacity } = this.state;
    if (inFlight?.commandId === commandId) {
      const { decidedAt: at, direction, cooldownMs } = inFlight;
      return {
        at,
        ...(direction === undefined ? {} : { direction }),
        ...(cooldownMs === undefined ? {} : { cooldownMs }),
      };
    }
    if (capacity.kind === 'unknown' || capacity.instances === to) return { at: now };
    return { at: now, direction: to > capacity.instances ? 'out' : 'in' };
  }

  /** Whether it changed anything to decide on: a capacity that is confirmed does not. */
  observed({ instances }: CapacityObservation, now: Instant): boolean {
    // An observation of nothing leaves `readAskedAt`: the next question waits its turn.
    if (instances !== undefined) this.readAskedAt = undefined;
    const { inFlight, ...rest } = this.state;
    const kept = inFlight !== undefined && !isOverdue(inFlight, now) ? { inFlight } : {};
    this.state = { ...rest, ...kept, capacity: capacityOf(instances, now) };
    const before = rest.capacity.kind === 'known' ? rest.capacity.instances : undefined;
    return before !== instances || this.state.inFlight !== inFlight;
  }

  /** One question at a time. */
  mayAskCapacity(now: Instant): boolean {
    return this.readAskedAt === undefined || now - this.readAskedAt >= readPatienceMs;
  }

  override progress(): ProgressSnapshot {
    const { readAskedAt, endedSequence } = this;
    return {
      ...super.progress(),
      ...(readAskedAt === undefined ? {} : { readAskedAt }),
      ...(endedSequence === undefined ? {} : { endedSequence }),
    };
  }

  override resume(saved: ProgressSnapshot): void {
    super.resume(saved);
    this.readAskedAt = saved.readAskedAt;
    this.endedSequence = saved.endedSequence;
  }
}

function capacityOf(instances: number | undefined, now: Instant): TargetState['capacity'] {
  return instances === undefined
    ? { kind: 'unknown' }
    : { kind: 'known', instances, observedAt: now };
}

/** A success ends the row of failures. */
function backoffAfter(
  outcome: Outcome,
  before: Backoff | undefined,
  now: Instant,
): Backoff | undefined {
  if (outcome.kind === 'Applied') return undefined;
  if (!isFailure(outcome.kind)) return before;
  return longerBackoff(before, now);
}
