import type { MetricTrigger } from '@headroom/core';
import type { MetricName } from './load-model.ts';

/** A metric that rules read. */
export interface AskedMetricOfRules extends MetricName {
  readonly triggers: readonly MetricTrigger[];
  /** Of the target itself, and not of another resource. */
  readonly isOwn: boolean;
}

/**
 * How a metric follows the load and the number of instances.
 *
 * - `utilisation`: of one instance, in percent; it is shared among the instances.
 * - `memory`: held by what is loaded more than by the load.
 * - `total`: of all instances together, whatever their number.
 * - `latency`, `queue`: grow without bound as instances fill up.
 * - `backlog`: messages that wait; what is there now depends on everything that was done before.
 * - `failures`: refused or failed calls, which depend on how many instances there were.
 */
export type MetricNature =
  'utilisation' | 'memory' | 'total' | 'latency' | 'queue' | 'backlog' | 'failures' | 'unknown';

/** By its name, and by what a rule that reads it asks of it. */
export function natureOf(metric: string, rules: readonly MetricTrigger[]): MetricNature {
  const nature = natureOfName(metric);
  const countsSome = rules.some(({ dimensions }) => dimensions.some(({ name }) => isResult(name)));
  return nature === 'total' && countsSome ? 'failures' : nature;
}

/** Whether 100 of it is all that an instance has. */
export function isPercent(metric: string): boolean {
  return /percent|utili[sz]ation|^cpu$|^capacity$|%/i.test(metric);
}

/** Names as Azure Monitor's pages of supported metrics have them, in lower case. */
const known: Readonly<Record<string, MetricNature>> = {
  // Virtual machine scale sets: bytes and operations of one instance, as percentages are.
  'percentage cpu': 'utilisation',
  'network in total': 'utilisation',
  'network out total': 'utilisation',
  'disk read bytes': 'utilisation',
  'disk write bytes': 'utilisation',
  'available memory bytes': 'memory',
  'cpu credits consumed': 'unknown',
  'cpu credits remaining': 'unknown',
  // App Service plans; an instance's own too.
  bytesreceived: 'utilisation',
  bytessent: 'utilisation',
  httpqueuelength: 'queue',
  diskqueuelength: 'queue',
  // API Management, Data Explorer, Stream Analytics.
  capacity: 'utilisation',
  cpu: 'utilisation',
  resourceutilization: 'utilisation',
  cacheutilization: 'memory',
  // ML online endpoints.
  connectionsactive: 'queue',
  newconnectionspersecond: 'total',
  networkbytes: 'total',
  requestsperminute: 'total',
  deploymentcapacity: 'unknown',
  gpuenergyjoules: 'unknown',
  // Queues.
  activemessages: 'backlog',
  messages: 'backlog',
  incomingmessages: 'total',
};

/** Of names that are not known, in this order. */
const patterns: readonly (readonly [RegExp, MetricNature])[] = [
  [/error|fail|throttl|reject|refus|blocked|timeout|abandon|[45]xx|http[45]|429/, 'failures'],
  [/success|availab|percent.*(ok|hit)|ratio|rate$/, 'unknown'],
  [/mem(ory)?|heap|storage|swap|disk/, 'memory'],
  [/latency|duration|response_?time|wait_?time|elapsed|seconds$|_ms$/, 'latency'],
  [/messagecount|backlog|lag$/, 'backlog'],
  [/queue|pending|concurren|inflight|in_flight|active.*(connections|requests)/, 'queue'],
  [
    /(cpu|gpu|processor|core|thread).*(percent|utili[sz]ation|usage|load)|utili[sz]ation/,
    'utilisation',
  ],
  [/percent.*(cpu|gpu|processor)/, 'utilisation'],
  [/request|calls|transactions|incoming|tokens|per_?(minute|second)$|hits/, 'total'],
];

function natureOfName(metric: string): MetricNature {
  const name = metric.toLowerCase();
  return known[name] ?? patterns.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

/** A filter by how calls ended. */
function isResult(dimension: string): boolean {
  return /status|response|result|error/i.test(dimension);
}
