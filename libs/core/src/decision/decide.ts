import { assert } from '../lang/assert.ts';
import type { Instant } from '../lang/instant.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type { CapacityLimits } from '../setting/autoscale-setting.ts';
import type { PinOverride } from '../setting/override.ts';
import type { DecideInput } from './decide-input.ts';
import type { Verdict } from './decision.ts';
import { raiseToDefault } from './default-capacity.ts';
import { holdForPeople, holdForTarget, overrideText, pinOf } from './guards.ts';
import { Judgement } from './judgement.ts';
import { readRules } from './rule-view.ts';
import type { RuleView } from './rule-view.ts';
import { scaleIn } from './scale-in.ts';
import { scaleOut } from './scale-out.ts';

/** What to do with a target now. Pure and total: the same input gives the same verdict, bit for bit. */
export function decide(input: DecideInput): Verdict {
  return judge(input, true).verdict();
}

/** The questions come in the order of the design's section 3; `inWords` keeps each answer in the trail. */
export function judge(input: DecideInput, inWords = false): Judgement {
  const { active, state, now } = input;
  const judgement = new Judgement(state, active, now, inWords);
  judgement.due(active === undefined ? input.switchAt : active.until);
  judgement.note('profile', profileText, active);
  const waiting = holdForPeople(judgement, input) ?? holdForTarget(judgement, input);
  if (waiting !== undefined) return waiting;
  const current = judgement.before;
  assert(current !== undefined, 'an unknown capacity holds');
  if (active === undefined) return judgement.hold('Error');
  return checked(decideCount(input, active, current, judgement), active.profile.capacity);
}

/** Steps 3 to 10: the capacity is known and nothing is running. */
function decideCount(
  input: DecideInput,
  { profile }: ActiveProfile,
  current: number,
  judgement: Judgement,
): Judgement {
  const limits = profile.capacity;
  const settled =
    moveToPin(input, limits, current, judgement) ?? moveIntoBounds(judgement, limits, current);
  if (settled !== undefined) return settled;
  const rules = readRules(profile, input, current);
  judgement.report(rules);
  judgement.note('metrics', metricsText, rules);
  const situation = { input, rules, limits, current, judgement };
  return scaleOut(situation) ?? raiseToDefault(situation) ?? scaleIn(situation);
}

/** A pin takes the place of steps 4 to 9. */
function moveToPin(
  input: DecideInput,
  limits: CapacityLimits,
  current: number,
  judgement: Judgement,
) {
  const pin = pinOf(input);
  if (pin === undefined) return undefined;
  judgement.note('override', pinText, pin, input.now);
  const to = Math.min(Math.max(pin.to, limits.minimum), limits.maximum);
  return to === current ? judgement.hold('Pinned') : judgement.act('Pinned', to);
}

/** Step 4: nothing but a running operation keeps a count outside its bounds. */
function moveIntoBounds(judgement: Judgement, limits: CapacityLimits, current: number) {
  const { minimum, maximum } = limits;
  if (current < minimum) {
    judgement.note('bounds', boundText, current, 'below the minimum', minimum);
    return judgement.act('BelowMinimum', minimum);
  }
  if (current > maximum) {
    judgement.note('bounds', boundText, current, 'above the maximum', maximum);
    return judgement.act('AboveMaximum', maximum);
  }
  return undefined;
}

/** Step 10. What leaves `decide` obeys the bounds, and an action changes the count in its direction. */
function checked(judgement: Judgement, limits: CapacityLimits): Judgement {
  const { outcome, before, after: to } = judgement;
  if (outcome === 'Hold') return judgement;
  assert(before !== undefined && to !== undefined, 'an action has counts');
  assert(to >= limits.minimum, 'an action stays at or above the minimum');
  assert(to <= limits.maximum, 'an action stays at or below the maximum');
  assert(outcome === 'ScaleOut' ? to > before : to < before, 'an action moves');
  return judgement;
}

function pinText(pin: PinOverride, now: Instant): string {
  return `pinned to ${pin.to} ${overrideText(pin, now)}`;
}

function boundText(current: number, where: string, bound: number): string {
  return `${current} is ${where} ${bound}`;
}

function profileText(active: ActiveProfile | undefined): string {
  if (active === undefined) return 'no profile applies now';
  const { minimum, maximum, default: fallback } = active.profile.capacity;
  return `${active.profile.name}: ${minimum} to ${maximum}, default ${fallback}`;
}

function metricsText(rules: readonly RuleView[]): string {
  const fired = rules.filter((rule) => rule.fired).length;
  const read = rules.filter(({ reading }) => reading.kind === 'value').length;
  return `${read} of ${rules.length} rules could be read, ${fired} fired`;
}
