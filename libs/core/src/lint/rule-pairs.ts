import { minuteMs } from '../lang/instant.ts';
import type { ExampleTrace, LintFinding } from './finding.ts';
import type { LintedProfile, LintedRule } from './linted-setting.ts';
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

/** How long an idle target is watched in a trace, beyond windows and cooldowns. */
const idleMinutes = 30;

/** Out rules without in rules, in rules without out rules, metrics that only one side looks at. */
export function unpairedRules(profile: LintedProfile): readonly LintFinding[] {
  const { limits, rules, outRules, inRules } = profile;
  if (limits.minimum >= limits.maximum) return [];
  if (rules.length === 0) return [withoutRules(profile)];
  if (inRules.length === 0) return [withoutInRule(profile)];
  if (outRules.length === 0) return [withoutOutRule(profile)];
  return outOnlyMetrics(profile);
}

function withoutInRule(profile: LintedProfile): LintFinding {
  const trace = idleTrace(profile);
  return {
    rule: 'no-scale-in',
    severity: 'warning',
    field: `${profile.field}.rules`,
    title: `Profile "${profile.profile.name}" has out rules and no in rule`,
    why:
      'What was added stays, however idle the target is: instances are only taken away by an ' +
      'in rule, a profile with a ' +
      'lower maximum, or by hand.',
    fix: 'Add a rule with direction Decrease for each metric that scales out.',
    ...(trace === undefined ? {} : { trace }),
  };
}

function withoutOutRule({ field, profile }: LintedProfile): LintFinding {
  return {
    rule: 'no-scale-out',
    severity: 'warning',
    field: `${field}.rules`,
    title: `Profile "${profile.name}" has in rules and no out rule`,
    why:
      'What was taken away does not come back, however busy the target is: only the minimum, ' +
      'the default when a metric is ' +
      `missing, another profile or a person adds instances.`,
    fix: 'Add a rule with direction Increase for each metric that scales in.',
  };
}

function withoutRules({ field, profile, limits }: LintedProfile): LintFinding {
  return {
    rule: 'no-rules',
    severity: 'note',
    field: `${field}.rules`,
    title: `Profile "${profile.name}" has no rules but bounds that leave a choice`,
    why:
      `While it applies, the target keeps whatever count it has between ${limits.minimum} and ` +
      `${limits.maximum}.`,
    fix: 'For a fixed count set minimum, maximum and default to it; to scale, add rules here.',
  };
}

/** One note for each metric that can add instances and has no say when they are taken away. */
function outOnlyMetrics({ outRules, inRules }: LintedProfile): readonly LintFinding[] {
  const lowered = new Set(inRules.map(({ metricKey }) => metricKey));
  const alone = new Map<string, LintedRule>();
  for (const rule of outRules) {
    if (!lowered.has(rule.metricKey) && !alone.has(rule.metricKey)) alone.set(rule.metricKey, rule);
  }
  const deciding = [...new Set(inRules.map(({ rule }) => rule.trigger.metricName))].join(', ');
  return [...alone.values()].map((rule) => outOnly(rule, deciding));
}

function outOnly({ field, rule, text }: LintedRule, deciding: string): LintFinding {
  const { metricName } = rule.trigger;
  return {
    rule: 'unpaired-metric',
    severity: 'note',
    field,
    title: `${metricName} scales out, and no in rule looks at it`,
    why:
      `${deciding} alone decides when to scale in; "${text}" only stands against a scale-in ` +
      'whose projection makes it ' +
      'fire. The projection takes the metric as shared by the instances: of a latency or of a ' +
      'queue it says little.',
    fix: `Add an in rule on ${metricName}: it has to fire together with the others.`,
  };
}

/** Busy until it scales out, then idle for longer than any window or cooldown: nothing is taken away. */
function idleTrace(profile: LintedProfile): ExampleTrace | undefined {
  if (!isSteadyLoadTold(profile)) return undefined;
  const instances = countsOf(profile).find((count) => count > 0);
  if (instances === undefined) return undefined;
  const idle = idleLoad(profile, instances);
  const busy = idle === undefined ? undefined : busyLoad(profile, instances, idle);
  if (busy === undefined || idle === undefined) return undefined;
  const window = longestWindowMinutes(profile);
  const cooldown = Math.max(...profile.rules.map(({ rule }) => rule.action.cooldownMs)) / minuteMs;
  const minutes = Math.ceil(window + cooldown + idleMinutes);
  return steadyTrace(
    profile,
    [
      { instances, load: busy, minutes: window },
      { instances, load: idle, minutes },
    ],
    [{ at: atMinute(window + minutes), outcome: 'Hold', reason: 'NotTriggered' }],
  );
}

function idleLoad(profile: LintedProfile, instances: number): SteadyLoad | undefined {
  const idle = quietLoad(profile, instances);
  if (idle === undefined) return undefined;
  const holds = (count: number) => judgementAt(profile, count, idle).reason === 'NotTriggered';
  return reachable(profile).every((count) => count === 0 || holds(count)) ? idle : undefined;
}

/** Rules reach counts beside a ladder too. What holds with the lowest and with the highest holds between them. */
function reachable({ limits, ...profile }: LintedProfile): readonly number[] {
  return [...countsOf({ ...profile, limits, ladder: undefined }), limits.maximum];
}

function busyLoad(profile: LintedProfile, instances: number, idle: SteadyLoad) {
  return [...idle.keys()]
    .flatMap((loadKey) =>
      criticalLoads(profile, loadKey, instances).map(
        (value) => new Map([...idle, [loadKey, value]]),
      ),
    )
    .filter((load) => judgementAt(profile, instances, load).outcome === 'ScaleOut')
    .find((load) => isSturdy(profile, instances, load));
}
