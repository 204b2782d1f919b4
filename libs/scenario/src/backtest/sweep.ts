import { directionOf } from '@headroom/core';
import type { AutoscaleSetting, Profile, Rule } from '@headroom/core';
import type { BacktestFigures } from './backtested.ts';

/** What is varied, of which rules, and through which values. */
export interface SweepAxis {
  readonly key: SweepKey;
  /** By direction, or by the index in their profile; all where absent. */
  readonly rules?: 'out' | 'in' | number;
  readonly values: readonly SweepValue[];
}

export const sweepKeys = ['threshold', 'window', 'cooldown'] as const;
export type SweepKey = (typeof sweepKeys)[number];

/** In the metric's unit, or in milliseconds; or a multiple of what the rule has. */
export type SweepValue =
  | { readonly kind: 'exactly'; readonly value: number }
  | { readonly kind: 'times'; readonly factor: number };

/** One setting of a sweep, and the value of each axis that makes it. */
export interface SweepPoint {
  readonly setting: AutoscaleSetting;
  readonly values: readonly SweepValue[];
}

/** How many settings the axes make. */
export function sweepSize(axes: readonly SweepAxis[]): number {
  return axes.reduce((size, { values }) => size * values.length, 1);
}

/** A setting for each combination; the last axis turns fastest. Rules that an axis does not name stay as they are. */
export function sweepPoints(
  setting: AutoscaleSetting,
  axes: readonly SweepAxis[],
): readonly SweepPoint[] {
  return axes.reduce<readonly SweepPoint[]>(
    (points, axis) =>
      points.flatMap((point) =>
        axis.values.map((value) => ({
          setting: varied(point.setting, axis, value),
          values: [...point.values, value],
        })),
      ),
    [{ setting, values: [] }],
  );
}

/** Whether the axis is about any rule at all. */
export function isSwept(setting: AutoscaleSetting, axis: SweepAxis): boolean {
  return setting.profiles.some((profile) =>
    profile.rules.some((rule, index) => isMeant(rule, index, profile, axis)),
  );
}

/** Those that no other one betters: none has fewer instance-hours without more minutes over the threshold. */
export function paretoFront<Point extends { readonly figures: BacktestFigures }>(
  points: readonly Point[],
): readonly Point[] {
  const cheapestFirst = [...points].sort(
    ({ figures: a }, { figures: b }) =>
      a.instanceHours - b.instanceHours ||
      a.overThresholdMs - b.overThresholdMs ||
      a.flaps - b.flaps,
  );
  let leastOverMs = Infinity;
  return cheapestFirst.filter(({ figures }) => {
    const isBetter = figures.overThresholdMs < leastOverMs;
    leastOverMs = Math.min(leastOverMs, figures.overThresholdMs);
    return isBetter;
  });
}

function varied(setting: AutoscaleSetting, axis: SweepAxis, value: SweepValue): AutoscaleSetting {
  const profiles = setting.profiles.map((profile) => ({
    ...profile,
    rules: profile.rules.map((rule, index) =>
      isMeant(rule, index, profile, axis) ? changed(rule, axis.key, value) : rule,
    ),
  }));
  return { ...setting, profiles };
}

function isMeant(rule: Rule, index: number, profile: Profile, { rules }: SweepAxis): boolean {
  if (rules === undefined) return true;
  if (typeof rules === 'number') return index === rules;
  return directionOf(rule, profile.capacity.default) === rules;
}

function changed({ trigger, action }: Rule, key: SweepKey, value: SweepValue): Rule {
  const from = (before: number) =>
    value.kind === 'exactly' ? value.value : tidy(before * value.factor);
  switch (key) {
    case 'threshold':
      return { action, trigger: { ...trigger, threshold: from(trigger.threshold) } };
    case 'window':
      return { action, trigger: { ...trigger, timeWindowMs: from(trigger.timeWindowMs) } };
    case 'cooldown':
      return { trigger, action: { ...action, cooldownMs: from(action.cooldownMs) } };
  }
}

/** 70 × 1.1 is 77, not 77.00000000000001. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
