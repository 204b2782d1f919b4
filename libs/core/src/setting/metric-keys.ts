import type { Millis } from '../lang/instant.ts';
import type { AutoscaleSetting, SettingContent } from './autoscale-setting.ts';
import type { Policy } from './policy.ts';

/** Names a metric of a resource, whatever its dimensions. Both in lower case. */
export function metricKey(resource: string, metric: string): string {
  return `${resource}\n${metric.toLowerCase()}`;
}

/** A metric that a setting asks for. */
export interface AskedMetric {
  readonly resource: string;
  readonly metric: string;
  /** The longest window of the setting's rules on it. */
  readonly windowMs: Millis;
  /** The longest that the policy lets a window go on counting beyond its usual age; 0: it does not. */
  readonly lastGoodMs: Millis;
}

/** The metrics that a setting's rules read, by `metricKey`; none for a tombstone. */
export function askedMetrics(content: SettingContent): ReadonlyMap<string, AskedMetric> {
  const asked = new Map<string, AskedMetric>();
  if (content.kind !== 'setting') return asked;
  const lastGoodMs = longestLastGoodMs(content.policy);
  for (const { trigger } of rulesOf(content.setting)) {
    const metric = trigger.metricName.toLowerCase();
    const key = metricKey(trigger.resource, metric);
    const windowMs = Math.max(trigger.timeWindowMs, asked.get(key)?.windowMs ?? 0);
    asked.set(key, { resource: trigger.resource, metric, windowMs, lastGoodMs });
  }
  return asked;
}

function rulesOf(setting: AutoscaleSetting) {
  return setting.profiles.flatMap((profile) => profile.rules);
}

function longestLastGoodMs({ missingData }: Policy): Millis {
  const choices = [missingData.out, missingData.in, ...missingData.rules.map(({ use }) => use)];
  return Math.max(...choices.map((use) => (use.kind === 'lastGood' ? use.ttlMs : 0)));
}
