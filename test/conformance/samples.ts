import { after, hourMs, instant, minuteMs, outcomeId, targetId } from '@headroom/core';
import type {
  AuditRecord,
  Decision,
  FoldSnapshot,
  Instant,
  Outcome,
  ScaleCommand,
  TargetId,
} from '@headroom/core';
import type { FeedGroup, LogIdentity, OperationHead } from '@headroom/ports';

/** Suites share a store: names that were never given before keep them apart. */
let given = 0;
function unique(): string {
  return `${process.pid}-${++given}`;
}

export const noon = instant(Date.UTC(2026, 10, 21, 12));

export function newTarget(): TargetId {
  const workspace =
    '/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices';
  return targetId(`${workspace}/workspaces/w/onlineEndpoints/e${unique()}/deployments/blue`);
}

export function newGroup(): FeedGroup {
  return { hub: `hub-${unique()}`, consumerGroup: 'evaluator' };
}

export function newLog(): LogIdentity {
  return { logId: `signals@${unique()}`, partitions: 16 };
}

/** The ARM JSON of a setting that scales out above `threshold` percent of CPU. */
export function armSetting(target: TargetId, threshold = 70): Record<string, unknown> {
  const rule = {
    metricTrigger: {
      metricName: 'CpuUtilizationPercentage',
      metricResourceUri: target,
      timeGrain: 'PT1M',
      statistic: 'Average',
      timeWindow: 'PT5M',
      timeAggregation: 'Average',
      operator: 'GreaterThan',
      threshold,
    },
    scaleAction: { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' },
  };
  const capacity = { minimum: '2', maximum: '10', default: '2' };
  return {
    location: 'westeurope',
    properties: {
      name: 'blue',
      enabled: true,
      targetResourceUri: target,
      profiles: [{ name: 'Auto', capacity, rules: [rule] }],
    },
  };
}

export function aCommand(target: TargetId, to = 4): ScaleCommand {
  return {
    kind: 'scale',
    id: `command-${unique()}`,
    target,
    expectedCapacity: 2,
    to,
    reason: 'ScaleOutRule',
    source: { kind: 'log', position: { logId: 'signals', partition: 3, sequence: 17 } },
    decidedAt: noon,
    startBy: after(noon, 2 * minuteMs),
  };
}

export function anOutcome(command: ScaleCommand, at: Instant = noon): Outcome {
  return {
    id: outcomeId(command.id),
    commandId: command.id,
    target: command.target,
    kind: 'Applied',
    to: command.to,
    capacity: command.to,
    reachedProvider: true,
    detail: 'the deployment has 4 instances',
    at,
    source: command.source,
  };
}

export function aHead(command: ScaleCommand): OperationHead {
  return {
    exclusionKey: command.target.replace(/\/deployments\/.*$/, ''),
    command,
    state: { kind: 'claimed', claimedAt: noon },
    positions: [{ target: command.target, logId: 'signals', partition: 3, sequence: 17 }],
    recent: [],
  };
}

export function aDecision(target: TargetId, at: Instant = noon): Decision {
  return {
    id: `decision-${unique()}`,
    target,
    setting: { id: 'blue', version: 1 },
    mode: 'act',
    at,
    position: { logId: 'signals', partition: 3, sequence: 17 },
    outcome: 'ScaleOut',
    reason: 'ScaleOutRule',
    profile: 'Auto',
    capacity: { before: 2, proposed: 4, after: 4 },
    rules: [],
    trail: [{ step: 'scaleOut', answer: 'CpuUtilizationPercentage 81.5 > 70' }],
    wantsCapacity: false,
    state: { capacity: { kind: 'known', instances: 2, observedAt: after(at, -hourMs) } },
    record: 'action',
    unchanged: 0,
    codeVersion: '0.1.0',
  };
}

export function decisionRecord(target: TargetId, at: Instant = noon): AuditRecord {
  return { kind: 'decision', decision: aDecision(target, at) };
}

/** `samples` sets the size: each takes 40 bytes. */
export function aSnapshot(sequence: number, samples = 3): FoldSnapshot {
  const column = (first: number): Float64Array =>
    Float64Array.from({ length: samples }, (_, index) => first + index / 7);
  return {
    sequence,
    now: noon,
    startedAt: after(noon, -hourMs),
    cold: false,
    sources: [['metrics/0', { sequence: 41, index: 3 }]],
    targets: [],
    series: [
      {
        key: { resource: '/subscriptions/s/e', metric: 'cpu', dimensions: [['instance', 'a']] },
        grainMs: minuteMs,
        path: 'push',
        times: column(noon),
        counts: column(1),
        totals: column(50),
        minimums: column(10),
        maximums: column(90),
      },
    ],
  };
}

const cognitiveServices = 'providers/Microsoft.CognitiveServices';

/** The ARM JSON of an account of AI services, as its API shows it. */
export function armAccount(): { readonly id: string } & Record<string, unknown> {
  return {
    id: `/subscriptions/s/resourceGroups/rg/${cognitiveServices}/accounts/a${unique()}`,
    type: 'Microsoft.CognitiveServices/accounts',
    kind: 'ComputerVision',
    sku: { name: 'S1' },
    properties: {
      dynamicThrottlingEnabled: true,
      capabilities: [{ name: 'DynamicThrottling', value: null }],
      callRateLimit: {
        count: null,
        rules: [
          { key: 'Read', count: 12.0, renewalPeriod: 1.0, dynamicThrottlingEnabled: true },
          { key: 'billing', count: 400, renewalPeriod: 10, dynamicThrottlingEnabled: null },
        ],
      },
    },
  };
}

export function quotaPool(): { readonly id: string } & Record<string, unknown> {
  const deployments = ['chat', 'batch'].map((name) => ({
    id: `/subscriptions/s/resourceGroups/rg/${cognitiveServices}/accounts/a/deployments/${name}`,
    guarantee: 10,
    maximum: 100,
  }));
  return {
    id: `/subscriptions/s/${cognitiveServices}/locations/westeurope/usages/m${unique()}`,
    type: 'Headroom/quotaPools',
    properties: { deployments },
  };
}
