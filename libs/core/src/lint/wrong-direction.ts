import type { Judgement } from '../decision/judgement.ts';
import { sideOf } from './critical-values.ts';
import type { ExampleTrace, LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import { knownMetric } from './metric-catalog.ts';
import {
  countsOf,
  criticalLoads,
  isSteadyLoadTold,
  isSturdy,
  quietLoad,
  judgementAt,
} from './steady-load.ts';
import type { SteadyLoad } from './steady-load.ts';
import { atMinute, commonWindowMinutes, steadyTrace } from './trace.ts';

/**
 * A rule that adds instances while the load is low, or takes them away while it is high. Of a metric that grows with
 * the load that is an error; of another one (free memory) it may be meant, unless a second rule moves the same way at
 * the other end. Microsoft's own sample for ML endpoints scales in with `Increase` (azure-docs#117536).
 */
export function wrongDirections(profile: LintedProfile): readonly LintFinding[] {
  return profile.rules.flatMap((rule) => {
    const opposite = oppositeOf(rule);
    if (opposite === undefined) return [];
    if (knownMetric(rule.rule.trigger)?.isLoad === true) {
      return [findingOf(profile, rule, opposite, 'error')];
    }
    return profile.rules.some((other) => movesTheSameWay(rule, other))
      ? [findingOf(profile, rule, opposite, 'warning')]
      : [];
  });
}

/** The direction that goes with the side that the rule looks at, where the rule has the other one. */
function oppositeOf({ rule }: LintedRule): 'Increase' | 'Decrease' | undefined {
  const side = sideOf(rule.trigger.operator);
  const { direction } = rule.action;
  if (side === 'low' && direction === 'Increase') return 'Decrease';
  return side === 'high' && direction === 'Decrease' ? 'Increase' : undefined;
}

function movesTheSameWay(rule: LintedRule, other: LintedRule): boolean {
  return (
    other !== rule &&
    other.loadKey === rule.loadKey &&
    other.rule.action.direction === rule.rule.action.direction &&
    oppositeOf(other) === undefined &&
    sideOf(other.rule.trigger.operator) !== 'neither'
  );
}

function findingOf(
  profile: LintedProfile,
  rule: LintedRule,
  opposite: 'Increase' | 'Decrease',
  severity: 'error' | 'warning',
): LintFinding {
  const { metricName } = rule.rule.trigger;
  const raises = opposite === 'Decrease';
  const known = severity === 'error';
  const trace = raises ? traceOf(profile, rule) : undefined;
  return {
    rule: 'wrong-direction',
    severity,
    field: `${rule.field}.scaleAction.direction`,
    title: raises
      ? `"${rule.text}" adds instances while the metric is low`
      : `"${rule.text}" takes instances away while the metric is high`,
    why: known
      ? `${metricName} grows with the load. ${consequence(raises)}`
      : contradiction(metricName),
    fix: `Set the direction to ${opposite}, or turn the comparison round.`,
    ...(trace === undefined ? {} : { trace }),
  };
}

function consequence(raises: boolean): string {
  return raises
    ? 'The quieter the target is, the more instances it gets, up to the maximum, and this rule takes none away.'
    : 'The busier the target is, the fewer instances it gets, wherever no out rule fires.';
}

function contradiction(metricName: string): string {
  return `Another rule moves the same way at the other end of ${metricName}: one of the two is the wrong way round.`;
}

/** A low load at which the rule wins, from the lowest count that it raises. */
function traceOf(profile: LintedProfile, rule: LintedRule): ExampleTrace | undefined {
  const window = commonWindowMinutes(profile);
  if (window === undefined || !isSteadyLoadTold(profile)) return undefined;
  for (const instances of countsOf(profile).slice(0, -1)) {
    if (instances === 0) continue;
    const found = winningLoad(profile, rule, instances);
    if (found === undefined) continue;
    const { reason, after: to } = found.judgement;
    return steadyTrace(
      profile,
      [{ instances, load: found.load, minutes: window }],
      [
        { at: atMinute(window), outcome: 'ScaleOut', reason },
        { at: atMinute(window), capacity: to ?? instances },
      ],
    );
  }
  return undefined;
}

function winningLoad(
  profile: LintedProfile,
  { loadKey, index }: LintedRule,
  instances: number,
): { readonly load: SteadyLoad; readonly judgement: Judgement } | undefined {
  const quiet = quietLoad(profile, instances, loadKey);
  if (quiet === undefined) return undefined;
  const wins = criticalLoads(profile, loadKey, instances)
    .map((value) => new Map([...quiet, [loadKey, value]]))
    .map((load) => ({ load, judgement: judgementAt(profile, instances, load) }))
    .filter(({ judgement }) => judgement.winner === index && judgement.outcome === 'ScaleOut')
    .filter(({ load }) => isSturdy(profile, instances, load));
  return wins[Math.floor(wins.length / 2)];
}
