import { DependencyUnavailable } from '@headroom/ports';
import type { Answered, Patience } from '../patience.ts';
import type { MetricCalls } from './metric-calls.ts';
import type { Found } from './found.ts';
import { both, nothing } from './found.ts';
import type { MetricQuery } from './metric-query.ts';

/**
 * One resource, at Resource Manager. Where it refuses, each metric by itself: one that the resource does not have must not hide
 * the others. And a metric that does not have every aggregation with those that it has.
 *
 * @throws DependencyUnavailable: nobody is signed in, or nothing answers
 */
export async function askSingly(
  calls: MetricCalls,
  patience: Patience,
  resource: string,
  query: MetricQuery,
): Promise<Found> {
  if (query.metrics.length === 0) return nothing;
  const answered = await patience.call(() => calls.single(resource, query));
  if (answered.ok) return { answers: answered.value, refused: [] };
  if (answered.status === 401) throw signedOut(answered.text);
  if (answered.status !== 400) return refusedWhole(resource, answered);
  const [metric, ...others] = query.metrics;
  if (metric === undefined) return nothing;
  if (others.length > 0) return eachMetric(calls, patience, resource, query);
  return withItsAggregations(calls, patience, { resource, metric, query, why: answered.text });
}

type Refusal = Extract<Answered<unknown>, { ok: false }>;

async function eachMetric(
  calls: MetricCalls,
  patience: Patience,
  resource: string,
  query: MetricQuery,
): Promise<Found> {
  let found = nothing;
  for (const metric of query.metrics) {
    found = both(
      found,
      await askSingly(calls, patience, resource, { ...query, metrics: [metric] }),
    );
  }
  return found;
}

interface OneMetric {
  readonly resource: string;
  readonly metric: string;
  readonly query: MetricQuery;
  readonly why: string;
}

/** What the metric supports is in its definition; where that is what was asked for, something else is wrong. */
async function withItsAggregations(
  calls: MetricCalls,
  patience: Patience,
  { resource, metric, query, why }: OneMetric,
): Promise<Found> {
  const refused = { answers: [], refused: [{ resource, metric, why: said(why) }] };
  if (!/aggregation/i.test(why)) return refused;
  const found = await patience.call(() => calls.aggregations(resource, query.namespace, metric));
  if (!found.ok || found.value.length === 0) return refused;
  const aggregations = query.aggregations.filter((name) => found.value.includes(name));
  if (aggregations.length === 0 || aggregations.length === query.aggregations.length)
    return refused;
  return askSingly(calls, patience, resource, { ...query, aggregations });
}

function refusedWhole(resource: string, { status, text }: Refusal): Found {
  return { answers: [], refused: [{ resource, why: `${adviceOf(status)} ${said(text)}` }] };
}

/** Azure lists every metric that there is where one is not: nobody reads on. */
const saidLengthMax = 300;

function said(text: string): string {
  const cut = text.length > saidLengthMax ? `${text.slice(0, saidLengthMax)}…` : text;
  return `Azure says: ${cut}`;
}

function adviceOf(status: number): string {
  switch (status) {
    case 403:
      return 'Its metrics may not be read: grant Monitoring Reader on it.';
    case 404:
      return 'It was deleted or renamed: correct metricResourceUri of the rules that name it.';
    default:
      return 'Its metrics cannot be read.';
  }
}

function signedOut(text: string): DependencyUnavailable {
  const dependency = 'Azure Resource Manager';
  const message = `Nobody is signed in to ${dependency}, or not any more: az login. It says: ${text}`;
  return new DependencyUnavailable(dependency, message);
}
