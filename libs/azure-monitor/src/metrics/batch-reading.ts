import pMap from 'p-map';
import { DependencyUnavailable } from '@headroom/ports';
import { failureOf } from '../failure.ts';
import type { Answered } from '../patience.ts';
import { both, nothing } from './found.ts';
import type { Asking, Found } from './found.ts';
import type { MetricQuery } from './metric-query.ts';
import { askSingly } from './single-reading.ts';

/** Calls to Resource Manager at once. */
export const singleCallsMax = 4;

/**
 * One query, through the batch where that is allowed. One resource or metric that Azure refuses fails the whole batch: it is
 * found, by its name in what Azure says or else by halving, and asked for by itself.
 */
export async function askTogether(asking: Asking, query: MetricQuery): Promise<Found> {
  const { rights, patience, calls, region } = asking;
  if (query.resources.length === 0 || query.metrics.length === 0) return nothing;
  if (!rights.allows({ ...query, region })) return askAlone(asking, query);
  const answered = await reachable(asking, () => patience.call(() => calls.batch(region, query)));
  if (answered === undefined) return askAlone(asking, query);
  if (answered.ok) return { answers: answered.value, refused: [] };
  if (answered.status === 401 || answered.status === 403) {
    rights.refused(query.subscription, answered.text);
    return askAlone(asking, query);
  }
  const isNoBatch = answered.status === 404 && !namesOne(answered.text, query);
  if (!isNoBatch) return askApart(asking, query, answered.text);
  // The address is not known there: taking the batch apart would not make it so.
  rights.unreachable(region, answered.text);
  return askAlone(asking, query);
}

function namesOne(why: string, { resources, metrics }: MetricQuery): boolean {
  return (
    resources.some((id) => namesResource(why, id)) || metrics.some((name) => namesMetric(why, name))
  );
}

/** Each resource at Resource Manager, without the metrics that it refused a few minutes ago. */
export async function askAlone(asking: Asking, query: MetricQuery): Promise<Found> {
  const { calls, patience, memory } = asking;
  const ask = (resource: string): Promise<Found> => {
    const isOpen = (metric: string) =>
      memory.whyNot(query.namespace, resource, metric) === undefined;
    return askSingly(calls, patience, resource, {
      ...query,
      metrics: query.metrics.filter(isOpen),
    });
  };
  const found = await pMap(query.resources, ask, { concurrency: singleCallsMax });
  return found.reduce(both, nothing);
}

/** `undefined`: the region's host does not answer at all. Not every region has one, and not every firewall lets it through. */
async function reachable<T>(
  { rights, region }: Asking,
  call: () => Promise<Answered<T>>,
): Promise<Answered<T> | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof DependencyUnavailable)) throw error;
    if (failureOf(error.cause).kind !== 'silent') throw error;
    rights.unreachable(region, error.message);
    return undefined;
  }
}

async function askApart(asking: Asking, query: MetricQuery, why: string): Promise<Found> {
  const { resources, metrics, namespace } = query;
  const named = metrics.filter((name) => namesMetric(why, name));
  if (named.length > 0) {
    const others = metrics.filter((name) => !named.includes(name));
    const alone = await askAlone(asking, { ...query, metrics: named });
    return both(alone, await askTogether(asking, { ...query, metrics: others }));
  }
  const suspects = resources.filter((id) => resources.length === 1 || namesResource(why, id));
  if (suspects.length > 0) {
    for (const id of suspects) asking.memory.outOfBatch(namespace, id);
    const others = resources.filter((id) => !suspects.includes(id));
    const alone = await askAlone(asking, { ...query, resources: suspects });
    return both(alone, await askTogether(asking, { ...query, resources: others }));
  }
  const half = Math.ceil(resources.length / 2);
  const one = await askTogether(asking, { ...query, resources: resources.slice(0, half) });
  return both(one, await askTogether(asking, { ...query, resources: resources.slice(half) }));
}

/** Its id, or its last type and name, which is how Azure names what it does not find. */
function namesResource(why: string, id: string): boolean {
  const text = why.toLowerCase();
  return text.includes(id) || text.includes(`${id.split('/').slice(-2).join('/')}'`);
}

/** Azure lists the metrics that there are after the one that there is not. */
function namesMetric(why: string, metric: string): boolean {
  const [said = ''] = why.split(/valid metrics|supported/i);
  const escaped = metric.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<!\w)${escaped}(?!\w)`, 'i').test(said);
}
