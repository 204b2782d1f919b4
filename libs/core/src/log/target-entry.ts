import { after, hourMs, latest, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { spread } from '../lang/hash.ts';
import type { TargetId } from '../lang/target.ts';
import type { Backoff, InFlight, TargetState, Verdict } from '../decision/decision.ts';
import { startGraceMs } from '../decision/decide.ts';
import { isFailure } from '../outcome/outcome.ts';
import type { CapacityObservation, Outcome, Started } from '../outcome/outcome.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import type { LastRecord, TargetSnapshot } from './snapshot.ts';

/** A setting is evaluated at most so often. */
export const evaluationSpacingMs = secondMs;

/** And at least so often, each at a phase of its own. */
export const evaluationPeriodMs = minuteMs;

/** An unchanged finding is on record at least so often. */
export const heartbeatMs = 15 * minuteMs;

/** An unanswered `read` is asked again after this. */
export const readPatienceMs = 30 * secondMs;

/** A command that was not begun by then is not begun at all. */
export const startWithinMs = 2 * minuteMs;

const backoffFirstMs = 5 * secondMs;
const backoffMostMs = hourMs / 4;

/**
 * What the fold keeps of one target, and how events change it.
 *
 *   nothing ──decided──► in flight ──started──► running ──outcome──► nothing
 *                            └──no start by startBy + 30 s, capacity observed anew──► nothing
 */
export class TargetEntry {
  readonly target: TargetId;
  version: SettingVersion;
  state: TargetState = { capacity: { kind: 'unknown' } };
  readAskedAt: Instant | undefined;
  dirty = true;
  lastEvaluatedAt: Instant | undefined;
  dueAt: Instant | undefined;
  last: LastRecord | undefined;
  endedSequence: number | undefined;
  readonly asked: Map<string, Instant>;

  constructor(version: SettingVersion) {
    this.target = version.target;
    this.version = version;
    this.asked = new Map();
  }

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
    const { inFlight, backoff, lastActionAt, ...rest } = this.state;
    const ours = inFlight?.commandId === outcome.commandId;
    // When somebody else's command, or one that was given up, was decided is not known here: not after now.
    const decidedAt = ours ? inFlight.decidedAt : now;
    const actedAt = outcome.reachedProvider
      ? latest(decidedAt, lastActionAt ?? decidedAt)
      : lastActionAt;
    const next = ours ? backoffAfter(outcome, backoff, now) : backoff;
    this.state = {
      ...rest,
      capacity: capacityOf(outcome.capacity, now),
      ...(inFlight === undefined || ours ? {} : { inFlight }),
      ...(next === undefined ? {} : { backoff: next }),
      ...(actedAt === undefined ? {} : { lastActionAt: actedAt }),
    };
  }

  /** Whether it changed anything to decide on: a capacity that is confirmed does not. */
  observed({ instances }: CapacityObservation, now: Instant): boolean {
    // An observation of nothing leaves `readAskedAt`: the next question waits its turn.
    if (instances !== undefined) this.readAskedAt = undefined;
    const { inFlight, ...rest } = this.state;
    const kept = inFlight !== undefined && !isAbandoned(inFlight, now) ? { inFlight } : {};
    this.state = { ...rest, ...kept, capacity: capacityOf(instances, now) };
    const before = rest.capacity.kind === 'known' ? rest.capacity.instances : undefined;
    return before !== instances || this.state.inFlight !== inFlight;
  }

  /** One question at a time. */
  mayAskCapacity(now: Instant): boolean {
    return this.readAskedAt === undefined || now - this.readAskedAt >= readPatienceMs;
  }

  /** When to look again although nothing came: what the verdict waits for, or the next period of its own phase. */
  nextDueAt(verdict: Verdict, now: Instant): Instant {
    // The last phase within a period from now: whoever is evaluated often enough by its data never comes to it.
    const stepMs = evaluationPeriodMs / 2;
    const phase = spread(this.target) % stepMs;
    const period = now - ((now - phase) % stepMs) + evaluationPeriodMs;
    const waits = [period, verdict.dueAt ?? period];
    if (verdict.wantsCapacity && this.readAskedAt !== undefined) {
      waits.push(this.readAskedAt + readPatienceMs);
    }
    return Math.max(now + evaluationSpacingMs, Math.min(...waits)) as Instant;
  }

  snapshot(): TargetSnapshot {
    const { target, version, state, dirty, readAskedAt } = this;
    const { lastEvaluatedAt, dueAt, last, endedSequence } = this;
    return {
      target,
      version,
      state,
      dirty,
      asked: [...this.asked],
      ...(readAskedAt === undefined ? {} : { readAskedAt }),
      ...(lastEvaluatedAt === undefined ? {} : { lastEvaluatedAt }),
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(last === undefined ? {} : { last }),
      ...(endedSequence === undefined ? {} : { endedSequence }),
    };
  }

  static of(snapshot: TargetSnapshot): TargetEntry {
    const entry = new TargetEntry(snapshot.version);
    entry.state = snapshot.state;
    entry.dirty = snapshot.dirty;
    entry.readAskedAt = snapshot.readAskedAt;
    entry.lastEvaluatedAt = snapshot.lastEvaluatedAt;
    entry.dueAt = snapshot.dueAt;
    entry.last = snapshot.last;
    entry.endedSequence = snapshot.endedSequence;
    for (const [key, since] of snapshot.asked) entry.asked.set(key, since);
    return entry;
  }
}

/** Nobody started it in time. That it did not happen is not known before the capacity is seen. */
function isAbandoned(inFlight: InFlight, now: Instant): boolean {
  return !inFlight.started && now >= after(inFlight.startBy, startGraceMs);
}

function capacityOf(instances: number | undefined, now: Instant): TargetState['capacity'] {
  return instances === undefined
    ? { kind: 'unknown' }
    : { kind: 'known', instances, observedAt: now };
}

/** 5 s, doubling to 15 minutes with each failure in a row; a success ends the row. */
function backoffAfter(
  outcome: Outcome,
  before: Backoff | undefined,
  now: Instant,
): Backoff | undefined {
  if (outcome.kind === 'Applied') return undefined;
  if (!isFailure(outcome.kind)) return before;
  const failures = (before?.failures ?? 0) + 1;
  const waitMs: Millis = Math.min(backoffFirstMs * 2 ** (failures - 1), backoffMostMs);
  return { failures, until: after(now, waitMs) };
}
