import { decide, defaultPolicy, dividesPerInstance, minuteMs, recordedInput } from '@headroom/core';
import type { AutoscaleSetting, Decision, Millis, RuleReport, Verdict } from '@headroom/core';
import type { ObservedValue, TargetHistory } from '../history/target-history.ts';
import type { AzureOperation } from './azure-operations.ts';
import { isNear, rulesRead } from './age-of-data.ts';

// The decision of one instant again, with other readings.

/** How far Azure's reading may lie before the action that it led to. */
const readWithinMs: Millis = 2 * minuteMs;

/** With the values that Azure says it read; `undefined`: it says none that is another. */
export function withAzuresReadings(
  decision: Decision,
  history: TargetHistory,
  operation: AzureOperation,
): JudgedOtherwise | undefined {
  const near = history.observed.filter(
    ({ at }) => at <= operation.at && operation.at - at <= readWithinMs,
  );
  const read: OtherReading[] = [];
  const rules = decision.rules.map((report) => {
    const theirs = near.findLast((one) => isOf(one, report, history.setting, decision))?.value;
    if (theirs === undefined || isNear(theirs, report.observed ?? NaN)) return report;
    read.push({ metric: report.metric, theirs, ours: report.observed });
    return withValue(report, theirs, history.setting, decision);
  });
  if (read.length === 0) return undefined;
  return { read, verdict: again({ ...decision, rules }, history.setting) };
}

export interface JudgedOtherwise {
  readonly read: readonly OtherReading[];
  readonly verdict: Verdict;
}

/** As rules compare them. */
export interface OtherReading {
  readonly metric: string;
  readonly theirs: number;
  readonly ours: number | undefined;
}

/** With windows that lack a sample taken for whole; `undefined`: none does. */
export function overlookingGaps(
  decision: Decision,
  setting: AutoscaleSetting,
): Verdict | undefined {
  const isPartial = ({ reading }: RuleReport) =>
    reading.kind === 'value' && reading.completeness === 'partial';
  if (!decision.rules.some(isPartial)) return undefined;
  const rules = decision.rules.map((report) => {
    const { reading } = report;
    if (reading.kind !== 'value') return report;
    return { ...report, reading: { ...reading, completeness: 'complete' } as const };
  });
  return again({ ...decision, rules }, setting);
}

/** Without the metrics of these rules. */
export function without(
  decision: Decision,
  setting: AutoscaleSetting,
  isMissing: (report: RuleReport) => boolean,
): Verdict {
  const rules = decision.rules.map((report) => {
    const { window } = report.reading;
    return isMissing(report)
      ? { ...report, reading: { kind: 'missing', window } as const }
      : report;
  });
  return again({ ...decision, rules }, setting);
}

function again(decision: Decision, setting: AutoscaleSetting): Verdict {
  const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
  return decide(recordedInput(decision, content));
}

function ruleOf({ index }: RuleReport, setting: AutoscaleSetting, { profile }: Decision) {
  return setting.profiles.find(({ name }) => name === profile)?.rules[index];
}

function isOf(
  read: ObservedValue,
  report: RuleReport,
  setting: AutoscaleSetting,
  decision: Decision,
): boolean {
  const rule = ruleOf(report, setting, decision);
  const rules = setting.profiles.flatMap((profile) => profile.rules);
  const readBy = rulesRead(rules, read);
  // A source that several metrics share does not tell which of them it was.
  const metrics = new Set(readBy.map(({ trigger }) => trigger.metricName.toLowerCase()));
  return rule !== undefined && metrics.size === 1 && readBy.includes(rule);
}

function withValue(
  report: RuleReport,
  compared: number,
  setting: AutoscaleSetting,
  decision: Decision,
): RuleReport {
  const rule = ruleOf(report, setting, decision);
  const divides = rule !== undefined && dividesPerInstance(rule.trigger);
  const value = divides ? compared * (decision.capacity.before ?? 1) : compared;
  const { window } = report.reading;
  const samples = report.reading.kind === 'value' ? report.reading.samples : 1;
  const reading = { kind: 'value', completeness: 'complete', value, window, samples } as const;
  return { ...report, reading };
}
