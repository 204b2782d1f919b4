import { durationText } from '../lang/duration-text.ts';
import type { LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { knownMetric } from './metric-catalog.ts';

/** Windows and grains that do not fit each other or the metric. */
export function unfitGrains({ rules }: LintedProfile): readonly LintFinding[] {
  return rules.flatMap((rule) => [
    ...finerThanMetric(rule),
    ...unevenGrains(rule),
    ...cutGrains(rule),
  ]);
}

/** A sample coarser than `timeGrain` is not used. */
function finerThanMetric({ field, rule: { trigger } }: LintedRule): readonly LintFinding[] {
  const grainMs = knownMetric(trigger)?.grainMs ?? 0;
  if (trigger.timeGrainMs >= grainMs && trigger.timeWindowMs >= grainMs) return [];
  const grain = durationText(grainMs);
  return [
    {
      rule: 'grain-finer-than-metric',
      severity: 'error',
      field: `${field}.metricTrigger.timeGrain`,
      title: `${trigger.metricName} has one value each ${grain}, the rule asks for finer ones`,
      why:
        `Its grain is ${durationText(trigger.timeGrainMs)} and its window ` +
        `${durationText(trigger.timeWindowMs)}: a sample ` +
        `that covers ${grain} says nothing about either and is not used, so the metric is always missing.`,
      fix: `Set timeGrain and timeWindow to ${grain} or more, or choose a metric that comes each minute.`,
    },
  ];
}

function unevenGrains({ field, rule: { trigger } }: LintedRule): readonly LintFinding[] {
  const grainMs = knownMetric(trigger)?.grainMs ?? 0;
  if (grainMs === 0 || trigger.timeGrainMs < grainMs || trigger.timeGrainMs % grainMs === 0) {
    return [];
  }
  return [
    {
      rule: 'grain-not-whole-samples',
      severity: 'note',
      field: `${field}.metricTrigger.timeGrain`,
      title: `Grains of ${durationText(trigger.timeGrainMs)} hold now more, now fewer samples`,
      why:
        `${trigger.metricName} comes each ${durationText(grainMs)}, and a sample belongs to the ` +
        'grain in which it ends. Sums and counts of grains swing with that.',
      fix: `Make timeGrain a multiple of ${durationText(grainMs)}.`,
    },
  ];
}

function cutGrains({ field, rule: { trigger } }: LintedRule): readonly LintFinding[] {
  const { timeGrainMs, timeWindowMs } = trigger;
  if (timeWindowMs % timeGrainMs === 0) return [];
  return [
    {
      rule: 'window-not-whole-grains',
      severity: 'note',
      field: `${field}.metricTrigger.timeWindow`,
      title:
        `A window of ${durationText(timeWindowMs)} does not hold whole grains of ` +
        durationText(timeGrainMs),
      why:
        `Its oldest grain is ${durationText(timeWindowMs % timeGrainMs)} long only and counts as ` +
        'much as a whole one; where no sample ends in it, the reading is partial, and nothing ' +
        'scales in.',
      fix: `Make timeWindow a multiple of timeGrain.`,
    },
  ];
}
