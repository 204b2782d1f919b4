import type { RefusedBacktest, UnmodelledMetric } from './backtested.ts';
import type { AskedMetricOfRules, MetricNature } from './metric-nature.ts';
import { statedModels } from './options.ts';

export type Refusal =
  | { readonly kind: 'noSamples' }
  | { readonly kind: 'unfitted'; readonly nature: 'latency' | 'queue'; readonly why: string }
  | { readonly kind: 'nature'; readonly nature: MetricNature };

/** The metric, why there is no telling how it would have been, and what to do. */
export function refusalOf(asked: AskedMetricOfRules, refusal: Refusal): RefusedBacktest {
  const { metric, resource } = asked;
  const why = whyOf(refusal);
  const unmodelled: UnmodelledMetric = { metric, resource, why, models: modelsOf(refusal) };
  return { kind: 'refused', why: textOf(asked, refusal, why), metric: unmodelled };
}

function modelsOf({ kind }: Refusal): UnmodelledMetric['models'] {
  if (kind === 'noSamples') return [];
  return kind === 'unfitted' ? ['independent'] : statedModels;
}

function textOf(asked: AskedMetricOfRules, refusal: Refusal, why: string): string {
  const { metric, resource } = asked;
  const of = asked.isOwn ? '' : ` of ${resource}`;
  if (refusal.kind === 'noSamples') {
    return `${metric}${of} is read by a rule, and ${why}: take a history that has it, or leave the rule out`;
  }
  const how = refusal.kind === 'unfitted' ? fittedHow(metric) : statedHow(metric);
  return `${metric}${of}: ${why}. ${how}`;
}

function whyOf(refusal: Refusal): string {
  if (refusal.kind === 'noSamples') return 'the history has no sample of it in this span';
  if (refusal.kind === 'unfitted') {
    const what = refusal.nature === 'latency' ? 'a latency' : 'a queue';
    return `${what} grows as instances fill up, by no rule that holds everywhere; ${refusal.why}`;
  }
  switch (refusal.nature) {
    case 'memory':
      return 'memory and disk are held by what is loaded more than by the load, so that other instances would not have shared it';
    case 'backlog':
      return 'how many messages wait depends on everything that was done before, which other instances would have done otherwise';
    case 'failures':
      return 'how many calls fail depends on how many instances there were, and the history does not say how';
    case 'utilisation':
      return 'it is the utilisation of another resource than the one that is scaled, and the history does not say how that follows the instances';
    default:
      return 'how it follows the number of instances is not known';
  }
}

function statedHow(metric: string): string {
  return `If each instance has its share of it, as of a percentage of CPU, give headroom backtest --model "${metric}=shared"; if it stays what it is however many instances there are, as calls a minute do, --model "${metric}=independent"`;
}

function fittedHow(metric: string): string {
  return `Take a longer history, with the load of an instance beside it, or leave the rule out of each setting; where you know that it does not depend on how many instances there are, give headroom backtest --model "${metric}=independent"`;
}
