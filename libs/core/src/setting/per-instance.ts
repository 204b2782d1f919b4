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

function isQueueLength({ metricName, resource }: MetricTrigger): boolean {
  switch (metricName.toLowerCase()) {
    case 'approximatemessagecount':
      return storageQueue.test(resource);
    case 'activemessagecount':
      return serviceBus.test(resource);
    default:
      return false;
  }
}
