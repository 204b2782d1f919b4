import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { minuteMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import { demoDeployment } from './deployment.ts';
import type { DemoDeployment } from './deployment.ts';
import { instanceCpuPercent } from './load.ts';
import type { Load } from './load.ts';
import type { Traffic } from './traffic.ts';

/** A deployment that pushes nothing: its metrics are in Azure Monitor alone, as those of most deployments are. */
export const polledDeployment: DemoDeployment = { ...demoDeployment, endpoint: 'search' };

/** Its autoscale setting. */
export const polledSettingFile = fileURLToPath(new URL('../settings/search.json', import.meta.url));

export async function readPolledSetting(): Promise<unknown> {
  return JSON.parse(await readFile(polledSettingFile, 'utf8')) as unknown;
}

/** Too much for two instances for a while already when the demo begins, and little after two minutes. */
export const polledTraffic: Traffic = (elapsedMs) => (elapsedMs < 2 * minuteMs ? 17 : 4);

/** Minutes that lie in Azure Monitor when the demo begins. */
export const polledHistoryMinutes = 12;

/** A minute of one metric, as Azure Monitor's door for custom metrics takes it. */
export interface CustomMetric {
  readonly time: string;
  readonly data: {
    readonly baseData: {
      readonly metric: string;
      readonly namespace: string;
      readonly dimNames: readonly string[];
      readonly series: readonly CustomSeries[];
    };
  };
}

export interface CustomSeries {
  readonly dimValues: readonly string[];
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

/** One reading a second. */
const readings = 60;

/** CPU of each instance in the minute that begins at `start`. */
export function polledMinute(of: DemoDeployment, load: Load, start: Instant): CustomMetric {
  const minute = Math.floor(start / minuteMs);
  const series = Array.from({ length: load.instances }, (_, instance): CustomSeries => {
    const cpu = Math.round(instanceCpuPercent(load, instance, minute) * 1000) / 1000;
    return {
      dimValues: [`${of.deployment}-${instance}`],
      ...{ min: 0.96 * cpu, max: Math.min(100, 1.04 * cpu), sum: readings * cpu, count: readings },
    };
  });
  return {
    time: new Date(start).toISOString(),
    data: {
      baseData: {
        metric: 'CpuUtilizationPercentage',
        namespace: 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments',
        dimNames: ['instanceId'],
        series,
      },
    },
  };
}
