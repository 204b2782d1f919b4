import { failed, metricKey, ok } from '@headroom/core';
import type { AutoscaleSetting, Result, Sample } from '@headroom/core';
import type { RefusedBacktest } from './backtested.ts';
import type { CapacityCurve } from './capacity-curve.ts';
import { fittedModel } from './fitted-model.ts';
import { InstanceLoad } from './instance-load.ts';
import { IndependentModel, SharedModel } from './load-model.ts';
import type { LoadModel } from './load-model.ts';
import type { AskedMetricOfRules } from './metric-nature.ts';
import { isPercent, natureOf } from './metric-nature.ts';
import { refusalOf } from './refusals.ts';
import type { StatedModel } from './options.ts';

export interface ModelQuestion {
  /** Whose metrics are asked for. */
  readonly settings: readonly AutoscaleSetting[];
  /** By `metricKey`. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
  readonly recorded: CapacityCurve;
  readonly stated: ReadonlyMap<string, StatedModel>;
}

/** A model of each metric that the settings' rules read, by `metricKey`; or why one has none. */
export function chooseModels(
  question: ModelQuestion,
): Result<ReadonlyMap<string, LoadModel>, RefusedBacktest> {
  const models = new Map<string, LoadModel>();
  for (const [key, asked] of askedBy(question.settings)) {
    const model = modelOf(key, asked, question);
    if (!model.ok) return model;
    models.set(key, model.value);
  }
  return ok(models);
}

function askedBy(settings: readonly AutoscaleSetting[]): ReadonlyMap<string, AskedMetricOfRules> {
  const asked = new Map<string, AskedMetricOfRules>();
  for (const { target, profiles } of settings) {
    for (const { trigger } of profiles.flatMap(({ rules }) => rules)) {
      const { resource, metricName: metric } = trigger;
      const key = metricKey(resource, metric);
      const triggers = [...(asked.get(key)?.triggers ?? []), trigger];
      asked.set(key, { metric, resource, triggers, isOwn: resource === target });
    }
  }
  return asked;
}

function modelOf(
  key: string,
  asked: AskedMetricOfRules,
  { samples, stated, recorded }: ModelQuestion,
): Result<LoadModel, RefusedBacktest> {
  const { metric, resource, triggers, isOwn } = asked;
  const name = { metric, resource };
  const own = samples.get(key) ?? [];
  if (own.length === 0) return failed(refusalOf(asked, { kind: 'noSamples' }));
  const said = stated.get(metric.toLowerCase());
  if (said === 'shared') return ok(new SharedModel(name, 'as stated', isPercent(metric)));
  if (said === 'independent') return ok(new IndependentModel(name, 'as stated'));
  const nature = natureOf(metric, triggers);
  if (nature === 'utilisation' && isOwn) {
    return ok(new SharedModel(name, 'utilisation of an instance', isPercent(metric)));
  }
  if (nature === 'total') return ok(new IndependentModel(name, 'a total of all instances'));
  if (nature === 'latency' || nature === 'queue') {
    const fit = fittedModel(name, own, loadsBeside(key, samples, recorded));
    return fit.ok ? fit : failed(refusalOf(asked, { kind: 'unfitted', nature, why: fit.error }));
  }
  return failed(refusalOf(asked, { kind: 'nature', nature }));
}

/** What a latency may be a function of. */
function loadsBeside(
  key: string,
  samples: ReadonlyMap<string, readonly Sample[]>,
  recorded: CapacityCurve,
): readonly InstanceLoad[] {
  return [...samples].flatMap(([other, ofOther]) => {
    const nature = natureOf(ofOther[0]?.series.metric ?? '', []);
    if (other === key || (nature !== 'utilisation' && nature !== 'total')) return [];
    return InstanceLoad.of(ofOther, nature === 'total', recorded);
  });
}
