import { after, defaultPolicy, maxDataAgeMs, minuteMs } from '@headroom/core';
import type { AutoscaleSetting, Instant, Millis, SettingVersion } from '@headroom/core';
import type { TargetHistory } from '../history/target-history.ts';
import { azureOperations } from './azure-operations.ts';
import type { AzureOperation } from './azure-operations.ts';
import { countAt, countsOf } from './counts.ts';
import type { Counts } from './counts.ts';
import type { Findings } from './findings.ts';
import { HistoryRun } from './history-run.ts';
import type { Doing, HistoryWatch } from './history-run.ts';
import { SampleLog } from './sample-log.ts';
import type { SamplesAt } from './sample-log.ts';

/** How a run differs from what is usual of its history. */
export interface Variation {
  /** How old the samples are when they come. */
  readonly dataAgeMs: Millis;
  readonly setting?: AutoscaleSetting;
  /** From where cooldowns count: from the begin of each operation, from its end too, or not from one that failed. */
  readonly cooldownCounts?: 'fromEnd' | 'notAfterFailure';
  /** Nothing comes in between; all of it at its end. */
  readonly blind?: Span;
}

export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** Later than the longest window and the oldest data, nothing of before is seen. */
const leadMs: Millis = 20 * minuteMs;

/** How long before an action a trial begins to look. */
const trialLeadMs: Millis = 12 * minuteMs;

/** How far an action of Azure's and what is found may lie apart. */
export const matchMs: Millis = minuteMs;

/** A history, put in order for runs of a setting over it. */
export class AssessedHistory {
  readonly history: TargetHistory;
  readonly log: SampleLog;
  readonly operations: readonly AzureOperation[];
  readonly counts: Counts;
  readonly windowMs: Millis;

  constructor(history: TargetHistory) {
    this.history = history;
    this.log = new SampleLog(history.samples);
    this.operations = azureOperations(history);
    this.counts = countsOf(history, this.operations);
    this.windowMs = longestWindow(history.setting);
  }

  /** From here on every window lies within the history. */
  get warmAt(): Instant {
    return after(this.history.from, this.windowMs + leadMs);
  }

  /** As far as is known the setting is since then what it is now: Azure last named other rules. */
  get sameSince(): Instant {
    return this.history.formerProfiles?.at(-1)?.at ?? this.history.from;
  }

  /** The whole history. */
  run(variation: Variation, watch: Findings): void {
    const { from, to } = this.history;
    this.#run(variation, from, from, to, this.#doings(variation, from, to), watch);
    watch.end(to);
  }

  /**
   * The minutes around an operation without the operation itself, and all before it as it was. An operation that began from
   * another count than is on record was preceded by somebody's change.
   */
  tryAround(operation: AzureOperation, variation: Variation, watch: Findings): void {
    const { at, from: count } = operation;
    const begin = after(at, -trialLeadMs);
    const doings = this.#doings(variation, begin, at);
    if (countAt(this.counts.changes, at) !== count) {
      doings.push({ kind: 'count', at: after(at, -matchMs / 2), instances: count });
    }
    const since = Math.min(begin - this.windowMs - leadMs, doings[0]?.at ?? begin) as Instant;
    this.#run(variation, since, begin, after(at, matchMs), doings, watch);
    watch.end(after(at, matchMs));
  }

  #run(
    { dataAgeMs, blind, setting = this.history.setting }: Variation,
    since: Instant,
    from: Instant,
    to: Instant,
    doings: readonly Doing[],
    watch: HistoryWatch,
  ): void {
    const comeBy = blind !== undefined && blind.to > from ? Math.min(blind.from, from) : from;
    const known = after(comeBy as Instant, -dataAgeMs);
    const reachMs = this.windowMs + leadMs;
    const arrivals = this.log.arrivals(dataAgeMs, comeBy as Instant, to);
    new HistoryRun({
      version: this.#versionOf(setting),
      path: this.#pathOf(dataAgeMs),
      ...{ since, from, to, doings, watch },
      before: this.log.endedIn(after(known, -reachMs), known),
      arrivals: blind === undefined ? arrivals : heldBack(arrivals, blind),
    }).run();
  }

  /** What Azure and others did before `to`, from the last operation at or before `from` on: its cooldown may still count. */
  #doings({ cooldownCounts }: Variation, from: Instant, to: Instant): Doing[] {
    const begun = this.operations.filter(({ at }) => at < to);
    const first = begun.findLast(({ at }) => at <= from);
    const fromOn = first?.at ?? from;
    const byHand = this.counts.byHand.filter(({ at }) => at < to && at >= fromOn);
    const atFirst = first === undefined ? countAt(this.counts.changes, from) : undefined;
    const doings: Doing[] =
      atFirst === undefined ? [] : [{ kind: 'count', at: from, instances: atFirst }];
    for (const operation of begun.filter(({ at }) => at >= fromOn)) {
      doings.push(...doingsOf(operation, to, cooldownCounts));
    }
    for (const { at, instances } of byHand) doings.push({ kind: 'count', at, instances });
    return doings.sort((a, b) => a.at - b.at);
  }

  #versionOf(setting: AutoscaleSetting): SettingVersion {
    const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
    return { target: setting.target, id: this.history.settingId, version: 1, content };
  }

  /** Older than a poller's data may be, it counts as exported, or it would be missing all the time. */
  #pathOf(dataAgeMs: Millis): string {
    return dataAgeMs + 2 * minuteMs > maxDataAgeMs('poll') ? 'export' : 'poll';
  }
}

function doingsOf(
  operation: AzureOperation,
  before: number,
  cooldownCounts: Variation['cooldownCounts'],
): readonly Doing[] {
  const { at, from, to, endsAt, failed } = operation;
  const startsCooldown = !(failed && cooldownCounts === 'notAfterFailure');
  const began: Doing = { kind: 'began', at, from, to, startsCooldown };
  const ended: Doing = { kind: 'count', at: endsAt, instances: failed ? from : to };
  if (endsAt >= before) return [began];
  return cooldownCounts === 'fromEnd' ? [began, { ...began, at: endsAt }, ended] : [began, ended];
}

/** What comes within the span comes at its end. */
function heldBack(arrivals: Iterable<SamplesAt>, { from, to }: Span): readonly SamplesAt[] {
  const all = [...arrivals];
  const held = all.filter(({ at }) => at >= from && at <= to).flatMap(({ samples }) => samples);
  const late = held.length === 0 ? [] : [{ at: to, samples: held }];
  return [...all.filter(({ at }) => at < from), ...late, ...all.filter(({ at }) => at > to)];
}

function longestWindow({ profiles }: AutoscaleSetting): Millis {
  const rules = profiles.flatMap(({ rules }) => rules);
  return Math.max(0, ...rules.map(({ trigger }) => trigger.timeWindowMs));
}
