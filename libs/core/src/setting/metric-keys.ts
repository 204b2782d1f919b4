import { secondMs } from '../lang/instant.ts';
import type { Millis } from '../lang/instant.ts';
import type { AutoscaleSetting, SettingContent } from './autoscale-setting.ts';
import { limitMetrics } from './limit-metrics.ts';
import type { Policy } from './policy.ts';
import { asInForce, shadowsOf } from './shadow.ts';

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

/** The metrics that a setting's rules and those of its shadows read, by `metricKey`; none for a tombstone. */
export function askedMetrics(content: SettingContent): ReadonlyMap<string, AskedMetric> {
  const own = ownMetrics(content);
  const shadows = shadowsOf(content);
  if (shadows.length === 0) return own;
  const asked = new Map(own);
  for (const shadow of shadows) {
    for (const [key, metric] of ownMetrics(asInForce(shadow, content))) {
      asked.set(key, longer(metric, asked.get(key)));
    }
  }
  return asked;
}

/** The same without the shadows'. */
export function ownMetrics(content: SettingContent): ReadonlyMap<string, AskedMetric> {
  switch (content.kind) {
    case 'setting':
      return ofRules(content);
    case 'rateLimit':
      return each([content.account.id], accountMetrics);
    case 'quotaPool':
      return each(
        content.pool.deployments.map(({ target }) => accountOf(target)),
        poolMetrics,
      );
    case 'tombstone':
    case 'moved':
    case 'unreadable':
      return new Map();
  }
}

function ofRules(content: Extract<SettingContent, { kind: 'setting' }>) {
  const asked = new Map<string, AskedMetric>();
  const lastGoodMs = longestLastGoodMs(content.policy);
  for (const { trigger } of rulesOf(content.setting)) {
    const metric = trigger.metricName.toLowerCase();
    const key = metricKey(trigger.resource, metric);
    const windowMs = Math.max(trigger.timeWindowMs, asked.get(key)?.windowMs ?? 0);
    asked.set(key, { resource: trigger.resource, metric, windowMs, lastGoodMs });
  }
  return asked;
}

function longer(metric: AskedMetric, other = metric): AskedMetric {
  return {
    ...metric,
    windowMs: Math.max(metric.windowMs, other.windowMs),
    lastGoodMs: Math.max(metric.lastGoodMs, other.lastGoodMs),
  };
}

const accountMetrics = [
  limitMetrics.totalCalls,
  limitMetrics.successfulCalls,
  limitMetrics.blockedCalls,
  limitMetrics.latency,
  limitMetrics.callerCalls,
  limitMetrics.spend,
];
const poolMetrics = [limitMetrics.tokens, limitMetrics.modelRequests];
/** They are looked at as they come, and summed elsewhere: no window is kept. */
const noWindow = { windowMs: secondMs, lastGoodMs: 0 };

function each(resources: readonly string[], metrics: readonly string[]) {
  const asked = new Map<string, AskedMetric>();
  for (const resource of resources) {
    for (const name of metrics) {
      const metric = name.toLowerCase();
      asked.set(metricKey(resource, metric), { resource, metric, ...noWindow });
    }
  }
  return asked;
}

/** The account of a model deployment. */
export function accountOf(deployment: string): string {
  return deployment.replace(/\/deployments\/[^/]+$/, '');
}

function rulesOf(setting: AutoscaleSetting) {
  return setting.profiles.flatMap((profile) => profile.rules);
}

function longestLastGoodMs({ missingData }: Policy): Millis {
  const choices = [missingData.out, missingData.in, ...missingData.rules.map(({ use }) => use)];
  return Math.max(...choices.map((use) => (use.kind === 'lastGood' ? use.ttlMs : 0)));
}
