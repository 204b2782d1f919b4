import type { Judgement } from '../decision/judgement.ts';
import { minuteMs } from '../lang/instant.ts';
import { instancesText, numberText } from './critical-values.ts';
import type { ExampleTrace, LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
import {
  countsOf,
  criticalLoads,
  isSteadyLoadTold,
  quietLoad,
  sharedBy,
  judgementAt,
} from './steady-load.ts';
import type { SteadyLoad } from './steady-load.ts';
import { atMinute, commonWindowMinutes, steadyTrace } from './trace.ts';

/**
 * A scale-out that goes so far that the same load then fires the in rules: instances come and go again. Flapping is
 * checked at scale-ins only, in Azure as here. What is said was decided by the engine.
 */
export function overshoots(profile: LintedProfile): readonly LintFinding[] {
  if (!isSteadyLoadTold(profile)) return [];
  const seen = new Set<string>();
  return profile.outRules.flatMap((outRule) => {
    if (seen.has(outRule.loadKey)) return [];
    seen.add(outRule.loadKey);
    const found = firstOvershoot(profile, outRule);
    return found === undefined ? [] : [findingOf(profile, found)];
  });
}

interface Overshoot {
  readonly instances: number;
  readonly out: Judgement;
  readonly winner: LintedRule;
  readonly load: SteadyLoad;
  readonly loadKey: string;
  /** What the load is once it is shared by the instances of the scale-out, and what is decided then. */
  readonly shared: SteadyLoad;
  readonly back: Judgement;
}

function firstOvershoot(profile: LintedProfile, { loadKey }: LintedRule): Overshoot | undefined {
  for (const instances of countsOf(profile)) {
    if (instances === 0) continue;
    const quiet = quietLoad(profile, instances, loadKey);
    if (quiet === undefined) continue;
    const at = (value: number) => new Map([...quiet, [loadKey, value]]);
    const reached = criticalLoads(profile, loadKey, instances).flatMap((value) => {
      return judgementAt(profile, instances, at(value)).after ?? [];
    });
    for (const value of criticalLoads(profile, loadKey, instances, [...new Set(reached)])) {
      const found = overshootAt(profile, loadKey, instances, at(value));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function overshootAt(
  profile: LintedProfile,
  loadKey: string,
  instances: number,
  load: SteadyLoad,
): Overshoot | undefined {
  const out = judgementAt(profile, instances, load);
  const winner = out.winner === undefined ? undefined : profile.rules[out.winner];
  const more = out.after;
  if (out.reason !== 'ScaleOutRule' || more === undefined || winner?.loadKey !== loadKey) {
    return undefined;
  }
  const shared = sharedBy(profile, load, loadKey, instances, more);
  const back = judgementAt(profile, more, shared);
  if (back.outcome !== 'ScaleIn') return undefined;
  return { instances, out, winner, load, loadKey, shared, back };
}

function findingOf(profile: LintedProfile, found: Overshoot): LintFinding {
  const { instances, out, winner, back } = found;
  const more = out.after ?? 0;
  const observed = out.rules[winner.index]?.observed ?? 0;
  const then = back.rules[winner.index]?.observed ?? 0;
  const trace = traceOf(profile, found);
  return {
    rule: 'scale-out-overshoots',
    severity: 'warning',
    field: `${winner.field}.scaleAction.value`,
    title: `"${winner.text}" adds so many instances that the in rules take some away again`,
    why:
      `At ${numberText(observed)} with ${instancesText(instances)} it scales out to ${more}. ` +
      'Shared by those, the same load is ' +
      `${numberText(then)}: the in rules fire, and it scales in to ` +
      `${back.after ?? 0}. Flapping is checked at ` +
      `scale-ins only.`,
    fix: 'Add fewer instances at a time, lower the in thresholds, or raise the minimum.',
    ...(trace === undefined ? {} : { trace }),
  };
}

/** Only where all windows are full at one time, and nothing but cooldowns happens until they are full again. */
function traceOf(profile: LintedProfile, found: Overshoot): ExampleTrace | undefined {
  const { instances, out, load, shared, back } = found;
  const window = commonWindowMinutes(profile);
  const cooldowns = profile.rules.map(({ rule }) => rule.action.cooldownMs / minuteMs);
  if (window === undefined || profile.policy.flapBudget !== undefined) return undefined;
  if (Math.min(...cooldowns) < window || !cooldowns.every(Number.isInteger)) return undefined;
  const wait = cooldownMinutes(profile, found);
  return steadyTrace(
    profile,
    [
      { instances, load, minutes: window },
      { instances: out.after ?? 0, load: shared, minutes: wait },
    ],
    [
      { at: atMinute(window), outcome: 'ScaleOut', reason: 'ScaleOutRule' },
      { at: atMinute(window), capacity: out.after ?? 0 },
      { at: atMinute(window + wait), outcome: 'ScaleIn', reason: back.reason },
    ],
  );
}

function cooldownMinutes({ policy, inRules }: LintedProfile, { winner }: Overshoot): number {
  const rules = policy.cooldownFrom === 'lastFiredRule' ? [winner] : inRules;
  return Math.max(...rules.map(({ rule }) => rule.action.cooldownMs)) / minuteMs;
}
