import type { AutoscaleSetting } from '../setting/autoscale-setting.ts';
import type { Policy } from '../setting/policy.ts';
import {
  actionsWithoutEffect,
  dividedAverages,
  exactWithoutDirection,
  shortCooldowns,
} from './actions.ts';
import { boundsOf } from './bounds.ts';
import { scheduleTimes } from './daylight-saving.ts';
import { repeatsDefault } from './default-copy.ts';
import { severities } from './finding.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { closeThresholds } from './flapping.ts';
import { unfitGrains } from './grains.ts';
import { lintedSetting } from './linted-setting.ts';
import type { LintedProfile, LintedSetting } from './linted-setting.ts';
import { unfitMetrics } from './metrics.ts';
import { overshoots } from './overshoot.ts';
import { unpairedRules } from './rule-pairs.ts';
import { coveredDates, recurrenceGaps } from './schedules.ts';
import { shadowedRules } from './shadowed.ts';
import { scaleInNever, thresholdsOutOfRange } from './unreachable.ts';
import { wrongDirections } from './wrong-direction.ts';

/**
 * What the author of a valid setting should know before it goes live, errors first. What a finding says about loads
 * was decided by the engine; its trace shows it.
 */
export function lint(
  setting: AutoscaleSetting,
  policy: Policy,
  options: LintOptions,
): readonly LintFinding[] {
  const linted = lintedSetting(setting, policy, options);
  const own = linted.profiles.filter(({ profile }) => !repeatsDefault(profile, setting.profiles));
  const found = [
    ...own.flatMap((profile) => profileChecks.flatMap((check) => check(profile))),
    ...settingChecks.flatMap((check) => check(linted)),
  ];
  return severities.flatMap((severity) => found.filter((one) => one.severity === severity));
}

const profileChecks: readonly ((profile: LintedProfile) => readonly LintFinding[])[] = [
  wrongDirections,
  thresholdsOutOfRange,
  scaleInNever,
  actionsWithoutEffect,
  boundsOf,
  closeThresholds,
  overshoots,
  unpairedRules,
  shadowedRules,
  unfitGrains,
  unfitMetrics,
  exactWithoutDirection,
  dividedAverages,
  shortCooldowns,
];

const settingChecks: readonly ((setting: LintedSetting) => readonly LintFinding[])[] = [
  recurrenceGaps,
  coveredDates,
  scheduleTimes,
];
