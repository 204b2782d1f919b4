import { instant } from '@headroom/core';
import type { Log } from '@headroom/ports';
import { systemClock } from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';
import { armOptions } from '../connections.ts';
import type { HistorySources } from './histories.ts';

/** Azure, or the embedded one that the environment names. */
export async function connectSources(env: Environment, log: Log): Promise<HistorySources> {
  const access = armOptions(env);
  const { connectHistory, connectMetrics, connectMonitor } =
    await import('@headroom/azure-monitor');
  const clock = systemClock(instant);
  const monitor = connectMonitor(access);
  return {
    settingsIn: (scope) => monitor.settingsIn(scope),
    metrics: connectMetrics(access, clock, log),
    events: connectHistory(access, clock, log),
    now: () => clock.now(),
  };
}
