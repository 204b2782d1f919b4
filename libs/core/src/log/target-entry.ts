import { after, hourMs, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { spread } from '../lang/hash.ts';
import type { TargetId } from '../lang/target.ts';
import { startGraceMs } from '../decision/guards.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { Backoff, InFlight, TargetState } from '../decision/decision.ts';
import type { MetricSeries } from '../evaluation/metric-series.ts';
import { activeProfile, nextSwitch } from '../setting/active-profile.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type { TimeZones } from '../setting/time-zone.ts';
import { isFailure } from '../outcome/outcome.ts';
import type { CapacityObservation, Outcome, Started } from '../outcome/outcome.ts';
import type { SettingVersion } from '../setting/autoscale-setting.ts';
import { metricKey } from '../setting/metric-keys.ts';
import { acted } from './action-history.ts';
import type { Action } from './action-history.ts';
import { ProfileWindows } from './profile-windows.ts';
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
  /** A number of its own: when it is looked at within a period, and where it comes among those of one message. */
  readonly phase: number;
  version: SettingVersion;
  state: TargetState = { capacity: { kind: 'unknown' } };
  readAskedAt: Instant | undefined;
  dirty = true;
  lastEvaluatedAt: Instant | undefined;
  dueAt: Instant | undefined;
  last: LastRecord | undefined;
  /** How often the same as `last` was found since. */
  unchanged = 0;
  endedSequence: number | undefined;
  /** The metrics of the setting's rules. */
  watches: readonly Watch[] = [];
  #active: ActiveProfile | undefined;
  /** Until when `#active` holds; before everything while nobody asked. */
  #activeUntil = -Infinity as Instant;
  #windows: ProfileWindows | undefined;

  constructor(version: SettingVersion) {
    this.target = version.target;
    this.phase = spread(version.target);
    this.version = version;
  }

  /** Puts another version to work, with the metrics that it watches. */
  replace(version: SettingVersion, watches: readonly Watch[]): void {
    this.version = version;
    this.watches = watches;
    this.#activeUntil = -Infinity as Instant;
    this.#windows = undefined;
  }

  /** `activeProfile` of the setting, asked again only when another one may apply. Log time never goes back. */
  activeAt(now: Instant, zones: TimeZones): ActiveProfile | undefined {
    const { content } = this.version;
    if (now >= this.#activeUntil && content.kind === 'setting') {
      this.#active = activeProfile(content.setting, now, zones);
      const until = this.#active?.until ?? nextSwitch(content.setting, now, zones);
      this.#activeUntil = until ?? (Infinity as Instant);
    }
    return this.#active;
  }

  /** When the next profile begins, where none applies; to be asked after `activeAt`. */
  get switchAt(): Instant | undefined {
    return this.#active === undefined && this.#activeUntil < Infinity
      ? this.#activeUntil
      : undefined;
  }

  /** The windows of the profile's rules. */
  windowsOf(profile: number): ProfileWindows {
    if (this.#windows?.profile !== profile) {
      this.#windows = new ProfileWindows(this.version.content, profile, this.watches);
    }
    return this.#windows;
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
    const kept = inFlight !== undefined && !isAbandoned(inFlight, now) ? { inFlight } : {};
    this.state = { ...rest, ...kept, capacity: capacityOf(instances, now) };
    const before = rest.capacity.kind === 'known' ? rest.capacity.instances : undefined;
    return before !== instances || this.state.inFlight !== inFlight;
  }

  /** One question at a time. */
  mayAskCapacity(now: Instant): boolean {
    return this.readAskedAt === undefined || now - this.readAskedAt >= readPatienceMs;
  }

  /** When to look again although nothing came: what the judgement waits for, or the next period of its own phase. */
  nextDueAt(judgement: Judgement, now: Instant): Instant {
    // The last phase within a period from now: whoever is evaluated often enough by its data never comes to it.
    const stepMs = evaluationPeriodMs / 2;
    const phase = this.phase % stepMs;
    const period = now - ((now - phase) % stepMs) + evaluationPeriodMs;
    let dueAt = Math.min(period, judgement.dueAt ?? period);
    if (judgement.wantsCapacity && this.readAskedAt !== undefined) {
      dueAt = Math.min(dueAt, this.readAskedAt + readPatienceMs);
    }
    return Math.max(now + evaluationSpacingMs, dueAt) as Instant;
  }

  snapshot(): TargetSnapshot {
    const { target, version, state, dirty, readAskedAt } = this;
    const { lastEvaluatedAt, dueAt, last, unchanged, endedSequence } = this;
    return {
      target,
      version,
      state,
      dirty,
      asked: this.watches.map((watch) => [keyOf(watch), watch.since] as const),
      ...(readAskedAt === undefined ? {} : { readAskedAt }),
      ...(lastEvaluatedAt === undefined ? {} : { lastEvaluatedAt }),
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(last === undefined ? {} : { last: { ...last, unchanged } }),
      ...(endedSequence === undefined ? {} : { endedSequence }),
    };
  }

  /** Without its watches: `replace` brings them. */
  static of(snapshot: TargetSnapshot): TargetEntry {
    const entry = new TargetEntry(snapshot.version);
    entry.state = snapshot.state;
    entry.dirty = snapshot.dirty;
    entry.readAskedAt = snapshot.readAskedAt;
    entry.lastEvaluatedAt = snapshot.lastEvaluatedAt;
    entry.dueAt = snapshot.dueAt;
    if (snapshot.last !== undefined) {
      const { unchanged, ...last } = snapshot.last;
      entry.last = last;
      entry.unchanged = unchanged;
    }
    entry.endedSequence = snapshot.endedSequence;
    return entry;
  }
}

/** A metric that the setting's rules read. */
export interface Watch {
  readonly series: MetricSeries;
  /** Log time at which it was first asked for; kept across versions of the setting. */
  readonly since: Instant;
}

export function keyOf({ series: { resource, metric } }: Watch): string {
  return metricKey(resource, metric);
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
