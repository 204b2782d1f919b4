import { assert } from '../lang/assert.ts';
import { durationText } from '../lang/duration-text.ts';
import { after, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { Reading } from '../evaluation/reading.ts';
import type { AutoscaleSetting, Profile, Rule } from '../setting/autoscale-setting.ts';
import type { TargetState, Verdict } from './decision.ts';
import { metricsMissing, raiseToDefault } from './default-capacity.ts';
import { readRules } from './rule-report.ts';
import { scaleIn } from './scale-in.ts';
import { scaleOut } from './scale-out.ts';
import { Trail } from './trail.ts';

/** How long after `startBy` a command that nobody started is still waited for. */
export const startGraceMs = 30 * secondMs;

/** A capacity that was not confirmed for so long is asked for again, without holding. */
export const capacityConfirmMs = minuteMs;

export interface DecideInput {
  readonly setting: AutoscaleSetting;
  readonly state: TargetState;
  /** Asked only when the metrics are: rules of the chosen profile, by index. */
  readonly read: (rule: Rule, index: number) => Reading;
  /** Log time. */
  readonly now: Instant;
}

/**
 * What to do with a target now. Pure and total: the same input gives the same verdict, bit for bit. The questions come in
 * the order of the design's section 3, and each answer is kept in the trail.
 */
export function decide(input: DecideInput): Verdict {
  const { setting, state, now } = input;
  const profile = chooseProfile(setting);
  const trail = new Trail(state, profile.name, now);
  trail.note('profile', `${profile.name}: ${limitsText(profile)}`);
  if (!setting.enabled) {
    trail.note('enabled', 'the setting is disabled');
    return trail.hold('Disabled');
  }
  const { capacity } = state;
  if (capacity.kind === 'unknown') {
    trail.note('capacity', 'not known: ask the provider');
    return trail.askCapacity().hold('CapacityUnknown');
  }
  if (now - capacity.observedAt >= capacityConfirmMs) trail.askCapacity();
  const waiting = waitForOperation(trail, state, now);
  if (waiting !== undefined) return waiting;
  return decideCount(input, profile, capacity.instances, trail);
}

/** Steps 4 to 10: the capacity is known and nothing is running. */
function decideCount(input: DecideInput, profile: Profile, current: number, trail: Trail): Verdict {
  const limits = profile.capacity;
  if (current < limits.minimum) {
    trail.note('bounds', `${current} is below the minimum ${limits.minimum}`);
    return checked(trail.act('BelowMinimum', limits.minimum), profile);
  }
  if (current > limits.maximum) {
    trail.note('bounds', `${current} is above the maximum ${limits.maximum}`);
    return checked(trail.act('AboveMaximum', limits.maximum), profile);
  }
  const rules = readRules(profile, input, current);
  trail.report(rules);
  trail.note('metrics', metricsText(rules));
  const situation = { rules, profileRules: profile.rules, limits, current, trail };
  const out = scaleOut(situation);
  if (out !== undefined) return checked(out, profile);
  if (metricsMissing(rules) && current < limits.default) return raiseToDefault(situation);
  return checked(scaleIn(situation), profile);
}

/** Step 2: one operation at a time, and after a failure a pause that doubles. */
function waitForOperation(trail: Trail, state: TargetState, now: Instant): Verdict | undefined {
  const { inFlight, backoff } = state;
  if (inFlight !== undefined) {
    trail.note(
      'inFlight',
      `a scale to ${inFlight.to} is ${inFlight.started ? 'running' : 'queued'}`,
    );
    const giveUpAt = after(inFlight.startBy, startGraceMs);
    if (!inFlight.started && now >= giveUpAt) trail.askCapacity();
    else if (!inFlight.started) trail.due(giveUpAt);
    return trail.hold('InFlight');
  }
  if (backoff !== undefined && now < backoff.until) {
    trail.note(
      'backoff',
      `${backoff.failures} failed in a row: wait ${durationText(backoff.until - now)} more`,
    );
    return trail.due(backoff.until).hold('Backoff');
  }
  return undefined;
}

/** Step 0. Schedules are not here yet: the one profile without a schedule is the default one. */
function chooseProfile(setting: AutoscaleSetting): Profile {
  const profile = setting.profiles[0];
  assert(profile !== undefined, 'a parsed setting has a profile');
  return profile;
}

/** Step 10. What leaves `decide` obeys the bounds, and an action changes the count in its direction. */
function checked(verdict: Verdict, profile: Profile): Verdict {
  if (verdict.outcome === 'Hold') return verdict;
  const { before, after: to } = verdict.capacity;
  assert(before !== undefined && to !== undefined, 'an action has counts');
  assert(to >= profile.capacity.minimum, 'an action stays at or above the minimum');
  assert(to <= profile.capacity.maximum, 'an action stays at or below the maximum');
  assert(verdict.outcome === 'ScaleOut' ? to > before : to < before, 'an action moves');
  return verdict;
}

function limitsText({ capacity }: Profile): string {
  return `${capacity.minimum} to ${capacity.maximum}, default ${capacity.default}`;
}

function metricsText(
  rules: readonly { readonly reading: Reading; readonly fired: boolean }[],
): string {
  const fired = rules.filter((rule) => rule.fired).length;
  const read = rules.filter((rule) => rule.reading.kind === 'value').length;
  return `${read} of ${rules.length} rules could be read, ${fired} fired`;
}
