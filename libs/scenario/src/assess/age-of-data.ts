import { after, minuteMs, targetId } from '@headroom/core';
import type { Instant, Millis, Rule } from '@headroom/core';
import type { ObservedValue, TargetHistory } from '../history/target-history.ts';
import { AssessedHistory, matchMs } from './assessed-history.ts';
import type { AzureOperation } from './azure-operations.ts';
import { RuleValues, rulesOf } from './rule-values.ts';

/** How old Azure's data was, and what says so. */
export interface DataAge {
  readonly dataAgeMs: Millis;
  /** Nothing does: it is assumed. */
  readonly isAssumed: boolean;
}

const stepMs: Millis = minuteMs / 2;
const oldestMs: Millis = 5 * minuteMs;

/** The ages that are tried. */
const dataAges: readonly Millis[] = Array.from(
  { length: oldestMs / stepMs + 1 },
  (_, place) => place * stepMs,
);

/** Most of Azure's readings that are compared; more say the same. */
const readingsMax = 2_000;

/** What platform metrics mostly are when Azure's engine reads them. */
const assumedMs: Millis = minuteMs;

/** The age under which most of Azure's own readings and actions come out; of equals the one that is most likely anyway. */
export function dataAgeOf(assessed: AssessedHistory, values: RuleValues): DataAge {
  const readings = sharesOfReadings(assessed, values);
  const actions = sharesOfActions(assessed, values);
  const shares = dataAges.map((_, place) => (readings[place] ?? 0) + (actions[place] ?? 0));
  const best = Math.max(...shares);
  if (best === 0) return { dataAgeMs: assumedMs, isAssumed: true };
  const among = dataAges.filter((_, place) => shares[place] === best);
  const middle = among[Math.floor((among.length - 1) / 2)] ?? assumedMs;
  return { dataAgeMs: middle, isAssumed: false };
}

/** How old Azure's data was when its engine read it; `undefined` where nothing on record says so. */
export function fittedDataAge(history: TargetHistory): Millis | undefined {
  const assessed = new AssessedHistory(history);
  const { dataAgeMs, isAssumed } = dataAgeOf(assessed, new RuleValues(assessed));
  return isAssumed ? undefined : dataAgeMs;
}

/** By age: the share of Azure's readings that the windows of so long ago say too. */
function sharesOfReadings(assessed: AssessedHistory, values: RuleValues): readonly number[] {
  const { observed, setting } = assessed.history;
  const rules = setting.profiles.flatMap((profile) => profile.rules);
  const every = Math.max(1, Math.floor(observed.length / readingsMax));
  const compared = observed.filter((_, place) => place % every === 0);
  const tellers = compared.map((reading) => ({ reading, rules: rulesRead(rules, reading) }));
  return dataAges.map((ageMs) => {
    const matching = tellers.filter(({ reading, rules: read }) =>
      read.some((rule) => isReadAt(rule, reading, ageMs, values)),
    );
    return compared.length === 0 ? 0 : matching.length / compared.length;
  });
}

/** The rules that a reading can be of: Azure's source names their metric or its resource, where it names any. */
export function rulesRead(rules: readonly Rule[], { source }: ObservedValue): readonly Rule[] {
  const text = source.toLowerCase();
  const byMetric = rules.filter(({ trigger }) => text.includes(trigger.metricName.toLowerCase()));
  if (byMetric.length > 0) return byMetric;
  const byResource = rules.filter(({ trigger }) => trigger.resource === targetId(source));
  return byResource.length > 0 ? byResource : rules;
}

/** Azure read it within the minute: in its middle, as a guess. */
function isReadAt(
  rule: Rule,
  { at, value }: ObservedValue,
  ageMs: Millis,
  values: RuleValues,
): boolean {
  const windows = values.windowsOf(rule);
  const place = windows.placeAt(after(at, minuteMs / 2 - ageMs));
  const ours = values.observed(rule, windows, place, values.countAt(at) ?? 0);
  return ours !== undefined && isNear(ours, value);
}

export function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(a), Math.abs(b));
}

/** By age: the share of Azure's actions that follow within a minute of when their rules' data says so. */
function sharesOfActions(assessed: AssessedHistory, values: RuleValues): readonly number[] {
  const lags = assessed.operations.flatMap((operation, place) => {
    const crossedAt = crossingOf(operation, assessed.operations[place - 1], values);
    return crossedAt === undefined ? [] : [operation.at - crossedAt];
  });
  return dataAges.map((ageMs) => {
    const matching = lags.filter((lagMs) => Math.abs(lagMs - ageMs) <= matchMs);
    return lags.length === 0 ? 0 : matching.length / lags.length;
  });
}

/** When the data began to say so, of an action that waited for nothing else. */
function crossingOf(
  operation: AzureOperation,
  before: AzureOperation | undefined,
  values: RuleValues,
): Instant | undefined {
  const { at, from, to } = operation;
  const direction = to > from ? 'out' : 'in';
  const rules = rulesOf(values.profileAt(at), direction, from);
  const since = before?.endsAt ?? (-Infinity as Instant);
  const crossings = rules.map((rule) => {
    const cooledAt = (before?.at ?? -Infinity) + rule.action.cooldownMs;
    const place = values.crossing(rule, at, since, from);
    const frontier = place === undefined ? undefined : values.windowsOf(rule).frontier(place);
    return frontier !== undefined && frontier > Math.max(cooledAt, since) ? frontier : undefined;
  });
  const known = crossings.filter((one) => one !== undefined);
  if (known.length === 0 || (direction === 'in' && known.length < rules.length)) return undefined;
  const ends = direction === 'out' ? Math.min(...known) : Math.max(...known);
  return ends as Instant;
}
