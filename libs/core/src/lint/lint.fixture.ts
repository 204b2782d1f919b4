import { rule } from '../decision/decide.fixture.ts';
import { instant, minuteMs } from '../lang/instant.ts';
import { targetId } from '../lang/target.ts';
import type {
  AutoscaleSetting,
  CapacityLimits,
  Profile,
  Rule,
} from '../setting/autoscale-setting.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { Policy } from '../setting/policy.ts';
import type { Recurrence, Schedule, Weekday } from '../setting/schedule.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { lint } from './lint.ts';

/** A Monday. */
export const from = instant(Date.UTC(2026, 0, 5));

const workspace =
  '/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w';
export const endpoint = targetId(`${workspace}/onlineEndpoints/chat`);
export const blue = targetId(`${endpoint}/deployments/blue`);

/** What the rules of the deployment are written in: short names, and cooldowns that nobody minds. */
export function on(text: string, over: Partial<Rule['trigger']> = {}, cooldownMin = 20): Rule {
  const words = text.replace(/^cpu/, 'CpuUtilizationPercentage');
  return rule(words, { resource: blue, ...over }, cooldownMin * minuteMs);
}

export function settingOf(...profiles: readonly Profile[]): AutoscaleSetting {
  return { name: 'test', enabled: true, target: blue, profiles };
}

export function profileOf(
  rules: readonly Rule[],
  limits: Partial<CapacityLimits> = {},
  name = 'default',
  schedule?: Schedule,
): Profile {
  const capacity = { minimum: 2, maximum: 5, default: 2, ...limits };
  return { name, capacity, rules, ...(schedule === undefined ? {} : { schedule }) };
}

/** `weekly([6, 0], '06:00')`. */
export function weekly(days: readonly Weekday[], time: string, timeZone = 'Etc/UTC'): Recurrence {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return { kind: 'recurrence', timeZone, days, hour, minute };
}

export function endOf(profile: string): string {
  return JSON.stringify({ name: 'Auto created default scale condition', for: profile });
}

export function findingsOf(
  setting: AutoscaleSetting,
  policy: Partial<Policy> = {},
  options: Partial<LintOptions> = {},
): readonly LintFinding[] {
  return lint(setting, { ...defaultPolicy, ...policy }, { from, ...options });
}
