import type { Judgement } from '../decision/judgement.ts';
import { holds } from '../decision/rule-view.ts';
import type { RuleView } from '../decision/rule-view.ts';
import { instancesText, numberText, sideOf } from './critical-values.ts';
import type { ExampleTrace, LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { rangeOf } from './metric-catalog.ts';
import {
  countsOf,
  criticalLoads,
  isSteadyLoadTold,
  isSturdy,
  quietLoad,
  judgementAt,
} from './steady-load.ts';
import type { SteadyLoad } from './steady-load.ts';
import { atMinute, longestWindowMinutes, steadyTrace } from './trace.ts';

/** How many of the next lower counts give thresholds of their own: the nearest decides, on every ladder. */
const nearestMax = 3;

/**
 * An out and an in rule on one metric whose thresholds are so close that the in rule fires where the scale-in that it
 * asks for would be reversed at once: the guard against flapping holds it. What is said was decided by the engine.
 */
export function closeThresholds(profile: LintedProfile): readonly LintFinding[] {
  if (!isSteadyLoadTold(profile)) return [];
  return profile.inRules.flatMap((inRule) => {
    const paired = profile.outRules.some(({ loadKey }) => loadKey === inRule.loadKey);
    const held = paired ? heldCases(profile, inRule) : [];
    const worst = worstOf(held);
    return worst === undefined ? [] : [findingOf(profile, inRule, worst, held)];
  });
}

/** With so many instances there are loads at which every in rule fires and the scale-in is held. */
interface HeldCase {
  readonly instances: number;
  readonly load: SteadyLoad;
  readonly judgement: Judgement;
  /** The out rule that would fire. */
  readonly out: RuleView;
  readonly observed: number;
  /** How far the values lie apart at which it is held. */
  readonly width: number;
}

function heldCases(profile: LintedProfile, inRule: LintedRule): readonly HeldCase[] {
  const counts = countsOf(profile);
  return counts.slice(1).flatMap((instances, index) => {
    // A rule's own target is tried beside the rungs of a ladder.
    const near = Array.from({ length: nearestMax }, (_, steps) => instances - 1 - steps);
    const lower = [...counts.slice(Math.max(0, index + 1 - nearestMax), index + 1), ...near];
    return heldAt(profile, inRule, instances, lower);
  });
}

/** Of the loads that are held the middle one: the outer ones may lie on thresholds. */
function heldAt(
  profile: LintedProfile,
  { loadKey, index }: LintedRule,
  instances: number,
  lower: readonly number[],
): readonly HeldCase[] {
  const quiet = quietLoad(profile, instances, loadKey);
  if (quiet === undefined) return [];
  const tried = criticalLoads(profile, loadKey, instances, lower).map((value) => {
    const load = new Map([...quiet, [loadKey, value]]);
    const judgement = judgementAt(profile, instances, load);
    const observed = judgement.rules[index]?.observed ?? 0;
    return { load, judgement, observed, out: reversing(profile, judgement, loadKey) };
  });
  const held = tried.flatMap(({ out, ...one }) => (out === undefined ? [] : [{ ...one, out }]));
  const sturdy = held.filter(({ load }) => isSturdy(profile, instances, load));
  const middle = sturdy[Math.floor(sturdy.length / 2)] ?? held[0];
  if (middle === undefined) return [];
  const first = tried.findIndex(({ out }) => out !== undefined);
  const last = tried.findLastIndex(({ out }) => out !== undefined);
  const from = tried[Math.max(0, first - 1)]?.observed ?? 0;
  const to = tried[Math.min(tried.length - 1, last + 1)]?.observed ?? 0;
  return [{ ...middle, instances, width: to - from }];
}

/** The out rule on the metric that stands against the scale-in, where no other metric does. */
function reversing(
  profile: LintedProfile,
  { reason, rules }: Judgement,
  loadKey: string,
): RuleView | undefined {
  if (reason !== 'Flapping') return undefined;
  const against = rules.filter(
    ({ projected, rule: { trigger } }) =>
      projected !== undefined && holds(trigger.operator, projected, trigger.threshold),
  );
  const isOwn = ({ index }: RuleView) => profile.rules[index]?.loadKey === loadKey;
  return against.every(isOwn) ? against[0] : undefined;
}

function worstOf(held: readonly HeldCase[]): HeldCase | undefined {
  return held.reduce<HeldCase | undefined>(
    (worst, one) => (worst === undefined || one.width > worst.width ? one : worst),
    undefined,
  );
}

function findingOf(
  profile: LintedProfile,
  inRule: LintedRule,
  worst: HeldCase,
  held: readonly HeldCase[],
): LintFinding {
  const { instances, observed, out } = worst;
  const outRule = profile.rules[out.index];
  const trace = traceOf(profile, worst);
  return {
    rule: 'thresholds-flap',
    severity: 'warning',
    field: `${inRule.field}.metricTrigger.threshold`,
    title: `"${inRule.text}" lies so close to "${outRule?.text ?? ''}" that scale-ins are held back`,
    why:
      `With ${instancesText(instances)} and a value of ${numberText(observed)} the in rule ` +
      'fires; on the instances left the ' +
      `same load would be ${numberText(out.projected ?? 0)}, and the out rule would fire. Such ` +
      'a scale-in is held as ' +
      `Flapping for as long as the load stays. It can happen ${countsText(held)}.`,
    fix: fixOf(profile, inRule, outRule, worst),
    ...(trace === undefined ? {} : { trace }),
  };
}

function countsText(held: readonly HeldCase[]): string {
  const counts = held.map(({ instances }) => instances);
  const [first, last] = [counts[0] ?? 0, counts.at(-1) ?? 0];
  return first === last ? `with ${instancesText(first)}` : `with ${first} to ${last} instances`;
}

/** How far apart they have to be can be said where both rules compare one reading, from two sides. */
function fixOf(
  profile: LintedProfile,
  inRule: LintedRule,
  outRule: LintedRule | undefined,
  { instances, judgement }: HeldCase,
): string {
  const rung = countsOf(profile).findLast((count) => count < instances) ?? 0;
  const fewer = Math.max(rung, judgement.proposed ?? 0);
  const opposed = sideOf(inRule.rule.trigger.operator) === 'low' && isHigh(outRule);
  if (!opposed || outRule?.readingKey !== inRule.readingKey || fewer === 0) {
    return 'Move the two thresholds apart, or raise the minimum.';
  }
  const [low, high] = [inRule.rule.trigger.threshold, outRule.rule.trigger.threshold];
  const atMost = inclusive(inRule) && inclusive(outRule) ? 'below' : 'to at most';
  const raised = (low * instances) / fewer;
  const advice = [
    `lower the in threshold ${atMost} ${numberText((high * fewer) / instances)} ` +
      `(${numberText(high)} × ${fewer}/${instances})`,
    ...(raised < rangeOf(outRule.rule.trigger).most
      ? [`raise the out threshold to at least ${numberText(raised)}`]
      : []),
    'raise the minimum',
  ];
  return `Either ${advice.join(', or ')}.`;
}

function isHigh(rule: LintedRule | undefined): boolean {
  return rule !== undefined && sideOf(rule.rule.trigger.operator) === 'high';
}

function inclusive({ rule }: LintedRule): boolean {
  return rule.trigger.operator.endsWith('OrEqual');
}

function traceOf(profile: LintedProfile, { instances, load }: HeldCase): ExampleTrace | undefined {
  const minutes = longestWindowMinutes(profile);
  return steadyTrace(
    profile,
    [{ instances, load, minutes }],
    [{ at: atMinute(minutes), outcome: 'Hold', reason: 'Flapping', capacity: instances }],
  );
}
