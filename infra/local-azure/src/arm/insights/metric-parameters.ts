import { badRequest, notSupported } from '../errors.ts';
import type { Aggregation } from './definitions.ts';
import { AGGREGATIONS } from './definitions.ts';
import { parseDimensionFilter } from './dimension-filter.ts';
import type { MetricOrder, MetricQuery } from './metric-query.ts';
import { METRIC_RETENTION_MS, MINUTE_MS } from './metric-store.ts';
import { ordered, parseGrain, parseInstant, parseTimespan } from './time.ts';
import type { TimeRange } from './time.ts';

const MAX_METRICS = 20;
const DEFAULT_TOP = 10;
const MAX_TOP = 1000;

/** The query of a request, by lower-case name: az, the SDKs and the documents differ in it. */
export type Parameters = ReadonlyMap<string, string>;

export function parametersOf(query: URLSearchParams, filter: string): Parameters {
  const found = new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
  const given = found.get(filter);
  found.delete('filter');
  if (given !== undefined) found.set('filter', given);
  if (found.has('rollupby')) {
    throw notSupported('rollupby', 'Dimensions that $filter does not name are aggregated over.');
  }
  return new Map([...found].filter(([, value]) => value !== ''));
}

export function queryOf(
  parameters: Parameters,
  range: TimeRange,
  now: number,
  delayMs: number,
): MetricQuery {
  if (range.fromMs < now - METRIC_RETENTION_MS) {
    throw badRequest('The start time is more than 93 days ago: metrics are kept no longer.');
  }
  const adjust = parameters.get('autoadjusttimegrain')?.toLowerCase() === 'true';
  const top = Number(parameters.get('top') ?? DEFAULT_TOP);
  if (!Number.isInteger(top) || top < 1 || top > MAX_TOP) {
    throw badRequest(`top is a whole number from 1 to ${MAX_TOP}.`);
  }
  const order = orderOf(parameters.get('orderby'));
  return {
    range,
    arrivedMs: arrivedOf(now, delayMs),
    grain: parseGrain(parameters.get('interval') ?? null, adjust),
    aggregations: aggregationsOf(parameters.get('aggregation')),
    clauses: parseDimensionFilter(parameters.get('filter') ?? null),
    top,
    order,
    metadataOnly: parameters.get('resulttype')?.toLowerCase() === 'metadata',
  };
}

/** The first minute that has not arrived; without a delay even a minute that is not over is seen. */
const arrivedOf = (now: number, delayMs: number): number =>
  delayMs === 0 ? Infinity : now - delayMs - MINUTE_MS + 1;

/** Metrics by name; none: the first that there is. */
export function namesOf(text: string | undefined): readonly string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  if (given.length <= MAX_METRICS) return given;
  throw badRequest(`metricnames has at most ${MAX_METRICS} names.`);
}

function aggregationsOf(text: string | undefined): readonly Aggregation[] {
  const names = (text ?? '').split(',').filter((name) => name.trim() !== '');
  return names.map((name) => {
    const wanted = name.trim().toLowerCase();
    const found = AGGREGATIONS.find((each) => each.toLowerCase() === wanted);
    if (found !== undefined) return found;
    throw badRequest(`aggregation is of ${AGGREGATIONS.join(', ')}, not '${name}'.`);
  });
}

/** `average desc`; `sum` is another word for the total. */
function orderOf(text: string | undefined): MetricOrder | undefined {
  if (text === undefined) return undefined;
  const [name = '', direction = 'asc', ...more] = text.trim().split(/\s+/);
  const wanted = name.toLowerCase() === 'sum' ? 'total' : name.toLowerCase();
  const aggregation = AGGREGATIONS.find((each) => each.toLowerCase() === wanted);
  const isDirection = /^(asc|desc)$/i.test(direction);
  if (aggregation === undefined || !isDirection || more.length > 0) {
    throw badRequest(`orderby is an aggregation with asc or desc, not '${text}'.`);
  }
  return { aggregation, descending: direction.toLowerCase() === 'desc' };
}

/** The batch has its two times apart. */
export function batchRange(parameters: Parameters, now: number): TimeRange {
  const [start, end] = [parameters.get('starttime'), parameters.get('endtime')];
  if (start === undefined && end === undefined) return parseTimespan(null, now);
  const toMs = end === undefined ? now : parseInstant(end);
  const fromMs = parseInstant(start);
  if (fromMs === undefined || toMs === undefined) {
    throw badRequest('starttime and endtime are instants in ISO 8601; starttime has to be given.');
  }
  return ordered(fromMs, toMs, 'starttime and endtime');
}
