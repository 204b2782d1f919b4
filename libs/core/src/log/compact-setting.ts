import type { TargetId } from '../lang/target.ts';
import type {
  AutoscaleSetting,
  CapacityLimits,
  MetricTrigger,
  Profile,
  Rule,
  ScaleAction,
  SettingVersion,
  Shadow,
} from '../setting/autoscale-setting.ts';
import type { Policy, ShadowPolicy } from '../setting/policy.ts';

/** Most values of a kind that are kept for sharing. */
const sharedMax = 10_000;
/** Longer ones are ids, which no two settings have in common. */
const sharedLengthMax = 64;

/**
 * A setting comes out of a message with every string and object its own. A fold keeps a hundred thousand of them: what
 * says the same is kept once, and what is left out is made of literals, whose objects have no slack.
 */
export class SettingCompactor {
  readonly #texts = new Map<string, string>();
  readonly #actions = new Map<string, ScaleAction>();
  readonly #limits = new Map<string, CapacityLimits>();
  readonly #policies = new Map<string, Policy>();
  readonly #shadowPolicies = new Map<string, ShadowPolicy>();

  compact(version: SettingVersion): SettingVersion {
    const { target, id, version: number, content } = version;
    if (content.kind !== 'setting') return version;
    const { policy, overrides, shadows } = content;
    const setting = this.#setting(content.setting, target);
    return {
      target,
      id: id === setting.name ? setting.name : id,
      version: number,
      content: {
        kind: 'setting',
        setting,
        policy: shared(this.#policies, JSON.stringify(policy), policy),
        overrides: overrides.length === 0 ? nothing : overrides,
        ...(shadows === undefined
          ? {}
          : { shadows: shadows.map((shadow) => this.#shadow(shadow, target)) }),
      },
    };
  }

  #shadow({ name, content }: Shadow, target: TargetId): Shadow {
    if (content.kind !== 'setting') return { name, content };
    const { policy } = content;
    return {
      name,
      content: {
        kind: 'setting',
        setting: this.#setting(content.setting, target),
        policy: shared(this.#shadowPolicies, JSON.stringify(policy), policy),
      },
    };
  }

  #setting({ name, enabled, profiles }: AutoscaleSetting, target: TargetId): AutoscaleSetting {
    return {
      name,
      enabled,
      target,
      profiles: profiles.map((profile) => this.#profile(profile, target)),
    };
  }

  #profile({ name, capacity, rules, schedule }: Profile, target: string): Profile {
    const { minimum, maximum, default: fallback } = capacity;
    const limits = { minimum, maximum, default: fallback };
    return {
      name: this.#text(name),
      capacity: shared(this.#limits, `${minimum} ${maximum} ${fallback}`, limits),
      rules: rules.map((rule) => this.#rule(rule, target)),
      ...(schedule === undefined ? {} : { schedule }),
    };
  }

  #rule({ trigger, action }: Rule, target: string): Rule {
    const { direction, type, value, cooldownMs } = action;
    const own = { direction, type, value, cooldownMs };
    const name = `${direction} ${type} ${value} ${cooldownMs}`;
    return {
      trigger: this.#trigger(trigger, target),
      action: shared(this.#actions, name, own),
    };
  }

  #trigger(trigger: MetricTrigger, target: string): MetricTrigger {
    const { metricName, metricNamespace: namespace, resource, dimensions } = trigger;
    return {
      metricName: this.#text(metricName),
      ...(namespace === undefined ? {} : { metricNamespace: this.#text(namespace) }),
      resource: resource === target ? target : resource,
      timeGrainMs: trigger.timeGrainMs,
      statistic: trigger.statistic,
      timeWindowMs: trigger.timeWindowMs,
      timeAggregation: trigger.timeAggregation,
      operator: trigger.operator,
      threshold: trigger.threshold,
      dimensions: dimensions.length === 0 ? nothing : dimensions,
      dividePerInstance: trigger.dividePerInstance,
    };
  }

  #text(text: string): string {
    return text.length > sharedLengthMax ? text : shared(this.#texts, text, text);
  }
}

/** The value that is kept under `name`; `own` where there is none yet. */
function shared<T>(known: Map<string, T>, name: string, own: T): T {
  const kept = known.get(name);
  if (kept !== undefined) return kept;
  if (known.size < sharedMax) known.set(name, own);
  return own;
}

const nothing: readonly never[] = [];
