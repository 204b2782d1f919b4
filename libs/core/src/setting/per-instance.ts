import type { MetricTrigger } from './autoscale-setting.ts';

/**
 * Whether the value is divided by the number of instances before it is compared. Azure does so without being told for the
 * length of a storage queue and of a Service Bus queue (common metrics; best practices for autoscale).
 */
export function dividesPerInstance(trigger: MetricTrigger): boolean {
  return trigger.dividePerInstance || isQueueLength(trigger);
}

const storageQueue = /\/services\/queue\/queues\/[^/]+$/;
const serviceBus = /\/providers\/microsoft\.servicebus\/namespaces\//;

const queueLength = /^(approximate|active)messagecount$/i;

/** Asked of every rule at every evaluation: a name that is none of the two ends it at once. */
function isQueueLength({ metricName, resource }: MetricTrigger): boolean {
  const found = queueLength.exec(metricName)?.[1]?.toLowerCase();
  if (found === undefined) return false;
  return found === 'approximate' ? storageQueue.test(resource) : serviceBus.test(resource);
}
