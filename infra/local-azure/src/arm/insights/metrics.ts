import type { JsonObject } from '../../json.ts';
import { ArmError, badRequest, notFound, notSupported } from '../errors.ts';
import { bodyObject, locationOf } from '../request.ts';
import type { ArmAnswer, Call, Handler, Route } from '../router.ts';
import { json, nameOf } from '../router.ts';
import type { ArmStore } from '../store.ts';
import type { MetricDefinition } from './definitions.ts';
import { definitionBody, definitionsOf, namespacesOf, typeOf } from './definitions.ts';
import type { Parameters } from './metric-parameters.ts';
import { batchRange, namesOf, parametersOf, queryOf } from './metric-parameters.ts';
import type { MetricQuery } from './metric-query.ts';
import { metricBody, PointBudget, pointsOf } from './metric-query.ts';
import type { MetricStore } from './metric-store.ts';
import { parseTimespan } from './time.ts';

const API_VERSIONS = ['2018-01-01', '2019-07-01', '2021-05-01', '2023-10-01', '2024-02-01'];
const NAMESPACE_VERSIONS = ['2017-12-01-preview', '2024-02-01'];
const BATCH_VERSIONS = ['2023-10-01', '2024-02-01'];
const MAX_RESOURCES = 50;

export interface MetricsOptions {
  readonly store: ArmStore;
  readonly metrics: MetricStore;
  readonly clock: () => number;
  /** How late a minute is seen after its end. */
  readonly delayMs: () => number;
}

/** Metrics of any resource, one at a time through ARM or up to fifty by the data plane's batch. */
export function metricRoutes(options: MetricsOptions): readonly Route[] {
  const { metrics } = options;
  const insights = '**/providers/Microsoft.Insights';
  const definitions: Handler = ({ scope, request }) => {
    checkKnown(options, scope);
    const namespace = request.query.get('metricnamespace') ?? undefined;
    const value = definitionsOf(metrics, scope, namespace);
    return json(200, { value: value.map((each) => definitionBody(scope, each)) });
  };
  const namespaces: Handler = ({ scope }) => {
    checkKnown(options, scope);
    const value = namespacesOf(metrics, scope).map((name) => namespaceBody(scope, name));
    return json(200, { value });
  };
  const wide: Handler = () => {
    throw notSupported('metrics of a whole subscription', 'metrics:getBatch takes 50 resources.');
  };
  const subscription = 'subscriptions/{subscription}/providers/Microsoft.Insights';
  return [
    {
      path: `${subscription}/metrics`,
      apiVersions: API_VERSIONS,
      methods: { GET: wide, POST: wide },
    },
    {
      path: `${subscription}/metricDefinitions`,
      apiVersions: API_VERSIONS,
      methods: { GET: wide },
    },
    {
      path: `${insights}/metrics`,
      apiVersions: API_VERSIONS,
      methods: { GET: (call) => single(options, call) },
    },
    {
      path: `${insights}/metricDefinitions`,
      apiVersions: API_VERSIONS,
      methods: { GET: definitions },
    },
    {
      path: `${insights}/metricNamespaces`,
      apiVersions: NAMESPACE_VERSIONS,
      methods: { GET: namespaces },
    },
    {
      path: 'subscriptions/{subscription}/metrics:getBatch',
      apiVersions: BATCH_VERSIONS,
      methods: { POST: (call) => batch(options, call) },
    },
  ];
}

function single(options: MetricsOptions, { scope, request }: Call): ArmAnswer {
  checkKnown(options, scope);
  const parameters = parametersOf(request.query, '$filter');
  const now = options.clock();
  const range = parseTimespan(parameters.get('timespan') ?? null, now);
  const query = queryOf(parameters, range, now, options.delayMs());
  const namespace = parameters.get('metricnamespace') ?? typeOf(scope);
  const value = valuesOf(options, scope, namespace, parameters, query, new PointBudget());
  return json(200, {
    cost: 0,
    timespan: `${textOf(range.fromMs)}/${textOf(range.toMs)}`,
    interval: query.grain,
    value,
    namespace,
    resourceregion: regionOf(options.store, scope),
  });
}

function batch(options: MetricsOptions, call: Call): ArmAnswer {
  const { request } = call;
  const ids = resourceIdsOf(bodyObject(request));
  const parameters = parametersOf(request.query, 'filter');
  const namespace = parameters.get('metricnamespace');
  if (namespace === undefined) throw badRequest('metricnamespace is missing.');
  if (!parameters.has('metricnames')) throw badRequest('metricnames is missing.');
  checkTogether(options, nameOf(call, 'subscription'), namespace, ids);
  const now = options.clock();
  const range = batchRange(parameters, now);
  const query = queryOf(parameters, range, now, options.delayMs());
  const budget = new PointBudget();
  budget.check(ids.length * pointsOf(query));
  const values = ids.map((id) => ({
    starttime: textOf(range.fromMs),
    endtime: textOf(range.toMs),
    interval: query.grain,
    namespace,
    resourceregion: regionOf(options.store, id),
    resourceid: id,
    value: valuesOf(options, id, namespace, parameters, query, budget),
  }));
  return json(200, { values });
}

function valuesOf(
  options: MetricsOptions,
  id: string,
  namespace: string,
  parameters: Parameters,
  query: MetricQuery,
  budget: PointBudget,
): readonly JsonObject[] {
  const known = definitionsOf(options.metrics, id, namespace);
  const isLenient = parameters.get('validatedimensions')?.toLowerCase() === 'false';
  const names = namesOf(parameters.get('metricnames'));
  const wanted =
    names.length === 0 ? known.slice(0, 1) : names.map((name) => find(known, id, name));
  // Microsoft's reference has `top` as the most series "per resource ID": all metrics of the call share them.
  let { top } = query;
  return wanted.map((definition) => {
    if (!isLenient) checkDimensions(definition, query);
    const { aggregations } = query;
    const of = aggregations.length === 0 ? [definition.primary] : aggregations;
    const own = { ...query, aggregations: of, top };
    const body = metricBody(options.metrics, id, definition, own, budget);
    top -= body.timeseries.length;
    return body;
  });
}

function find(known: readonly MetricDefinition[], id: string, name: string): MetricDefinition {
  const found = known.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const names = known.map((each) => each.name).join(',');
  const message = `Failed to find metric configuration for type: ${typeOf(id)}, metric: ${name}. Valid metrics: ${names}`;
  throw badRequest(message);
}

function checkDimensions(definition: MetricDefinition, { clauses }: MetricQuery): void {
  const known = definition.dimensions.map((name) => name.toLowerCase());
  const other = clauses.find(({ dimension }) => !known.includes(dimension.toLowerCase()));
  if (other === undefined) return;
  const supported = definition.dimensions.join(',');
  const message = `Metric: ${definition.name} does not support requested dimension: ${other.dimension}, supported ones are: ${supported}.`;
  throw badRequest(message);
}

function resourceIdsOf(body: JsonObject): readonly string[] {
  const ids = body['resourceids'];
  const isList = Array.isArray(ids) && ids.every((id) => typeof id === 'string');
  if (!isList || ids.length === 0) throw badRequest('resourceids is a list of resource ids.');
  if (ids.length <= MAX_RESOURCES) return ids;
  throw badRequest(`resourceids has at most ${MAX_RESOURCES} ids, not ${ids.length}.`);
}

/** One call is about one subscription, one type and one region. */
function checkTogether(
  options: MetricsOptions,
  subscription: string,
  namespace: string,
  ids: readonly string[],
): void {
  const root = `/subscriptions/${subscription}/`.toLowerCase();
  for (const id of ids) {
    const key = id.toLowerCase();
    if (!key.startsWith(root)) throw badRequest(`${id} is not in subscription ${subscription}.`);
    if (typeOf(id).toLowerCase() !== typeOf(ids[0] ?? '').toLowerCase()) {
      throw badRequest(`${id} is of another type than ${ids[0] ?? ''}: a batch is of one type.`);
    }
    checkKnown(options, id);
  }
  const regions = new Set(ids.map((id) => regionOf(options.store, id)));
  if (regions.size <= 1) return;
  const message = `The resources are in several regions (${[...regions].join(', ')}): a batch is of one region. The metric namespace is ${namespace}.`;
  throw badRequest(message);
}

/** A resource that is here, or that samples were put for. */
function checkKnown({ store, metrics }: MetricsOptions, id: string): void {
  if (store.find(id) === undefined && metrics.series(id).length === 0) throw notFound(id);
}

const regionOf = (store: ArmStore, id: string): string =>
  locationOf(store.find(id)?.body) || 'local';

const namespaceBody = (resourceId: string, name: string): JsonObject => ({
  id: `${resourceId}/providers/microsoft.insights/metricNamespaces/${name}`,
  type: 'Microsoft.Insights/metricNamespaces',
  name,
  classification: name.toLowerCase() === typeOf(resourceId).toLowerCase() ? 'Platform' : 'Custom',
  properties: { metricNamespaceName: name },
});

const textOf = (instant: number): string => {
  if (Math.abs(instant) < 8.64e15) return new Date(instant).toISOString();
  throw new ArmError(400, 'BadRequest', 'A time is out of range.');
};
