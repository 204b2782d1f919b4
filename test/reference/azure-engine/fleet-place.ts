import type { Meter } from './workload.ts';
import type { TriggerChoice } from './fleet-rules.ts';

export const subscription = '0f1e2d3c-4b5a-4968-8777-a5b4c3d2e1f0';

const machineLearning = 'Microsoft.MachineLearningServices';
const endpoints = `${machineLearning}/workspaces/onlineEndpoints`;

/** Where a member of the fleet lives: its resources, the metrics that they have and the triggers on them. */
export interface Place {
  readonly deployment: string;
  readonly endpoint: string;
  readonly setting: string;
  readonly name: string;
  readonly cpu: TriggerChoice;
  readonly memory: TriggerChoice;
  readonly latency: TriggerChoice;
  readonly requests: TriggerChoice;
  readonly queue: TriggerChoice;
  readonly meters: {
    readonly cpu: (perInstance?: boolean) => Meter;
    readonly memory: () => Meter;
    readonly latency: (idleMs: number) => Meter;
    readonly requests: (perBusyInstance: number, deployment?: string, share?: number) => Meter;
    readonly queue: (perInstance: number) => Meter;
  };
}

export function placeOf(index: number, shape: string): Place {
  const group = `/subscriptions/${subscription}/resourceGroups/fleet-${index % 2 === 0 ? 'a' : 'b'}/providers`;
  const name = `${shape}-${index}`;
  const endpoint = `${group}/${machineLearning}/workspaces/fleet/onlineEndpoints/${name}`;
  const deployment = `${endpoint}/deployments/blue`;
  const queue = `${group}/Microsoft.ServiceBus/namespaces/fleet/queues/${name}`;
  const on = (metricName: string, metricResourceUri: string): TriggerChoice => {
    return { metricName, metricResourceUri };
  };
  return {
    ...{ deployment, endpoint, name },
    setting: `${group}/Microsoft.Insights/autoscaleSettings/${name}`,
    cpu: on('CpuUtilizationPercentage', deployment),
    memory: on('CpuMemoryUtilizationPercentage', deployment),
    latency: on('RequestLatency', endpoint),
    requests: on('RequestsPerMinute', endpoint),
    queue: on('ActiveMessageCount', queue),
    meters: metersAt(deployment, endpoint, queue),
  };
}

function metersAt(deployment: string, endpoint: string, queue: string): Place['meters'] {
  const name = (
    resource: string,
    namespace: string,
    metric: string,
    dimensions: Readonly<Record<string, string>> = {},
  ) => ({ resource, namespace, metric, dimensions });
  const ofDeployment = (metric: string) => name(deployment, `${endpoints}/deployments`, metric);
  const ofEndpoint = (metric: string, of: string) =>
    name(endpoint, endpoints, metric, { deployment: of });
  return {
    cpu: (perInstance = false) => {
      return { kind: 'cpu', name: ofDeployment('CpuUtilizationPercentage'), perInstance };
    },
    memory: () => ({ kind: 'memory', name: ofDeployment('CpuMemoryUtilizationPercentage') }),
    latency: (idleMs) => ({ kind: 'latency', name: ofEndpoint('RequestLatency', 'blue'), idleMs }),
    requests: (perBusyInstance, of = 'blue', share = 1) => {
      const series = ofEndpoint('RequestsPerMinute', of);
      return { kind: 'requests', name: series, perBusyInstance, share };
    },
    queue: (perInstance) => {
      const series = name(queue, 'Microsoft.ServiceBus/namespaces/queues', 'ActiveMessageCount');
      return { kind: 'queue', name: series, perInstance };
    },
  };
}
