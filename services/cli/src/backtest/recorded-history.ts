import { groupOf, instant, partitionOf } from '@headroom/core';
import type { Instant, SettingVersion } from '@headroom/core';
import { localEnvironment } from '@headroom/runtime';
import type { TargetHistory } from '@headroom/scenario';
import { eventHubs } from '@headroom/topology';
import { CommandFailed } from '../command-failed.ts';
import { openEventHubs, silentLog } from '../connections.ts';
import type { Surroundings } from '../surroundings.ts';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import type { AskedHistory, HistoryQuestion } from './history-question.ts';
import { RecordedLog, spanOf } from './recorded-log.ts';
import { storedSetting } from './stored-setting.ts';

/** What the log of the system at hand still holds of a target. */
export async function recordedHistory(
  { setting: text, data, from }: HistoryQuestion,
  around: Surroundings,
): Promise<AskedHistory> {
  const { version, content } = await storedSetting(text, data, around);
  const log = await readLog(version, from ?? instant(0), data, around);
  if (log.samples.length === 0) {
    throw new CommandFailed(
      `the log holds no metric of ${shortName(version.target)}: it keeps ${eventHubs.signals.retentionHours / 24} days, from when its setting was applied`,
    );
  }
  const { setting, policy } = content;
  const history = historyOf(log, version, setting);
  const isOwn = policy.mode === 'act' && (log.inForceSince ?? Infinity) <= history.from;
  const { path, dataAgeMs } = log;
  return {
    ...{ history, policy, isOwn },
    ...(path === undefined || dataAgeMs === undefined ? {} : { came: { path, dataAgeMs } }),
  };
}

async function readLog(
  version: SettingVersion,
  from: Instant,
  data: string,
  { env }: Surroundings,
): Promise<RecordedLog> {
  const { name, partitions } = eventHubs.signals;
  const log = new RecordedLog(version);
  const hubs = await openEventHubs(localEnvironment(data, env), silentLog);
  try {
    const partition = partitionOf(groupOf(version), partitions);
    await hubs.signalHistory(name).read(partition, from, (events) => {
      for (const event of events) log.take(event);
    });
  } finally {
    await hubs.close();
  }
  return log;
}

function historyOf(
  { samples, capacities, events, inForceSince }: RecordedLog,
  { id: settingId }: SettingVersion,
  setting: TargetHistory['setting'],
): TargetHistory {
  const [from, to] = spanOf(samples);
  const isNewer = inForceSince !== undefined && inForceSince > from;
  const gaps = isNewer
    ? [`the setting in force is so since ${formatInstant(inForceSince)}: before it was another one`]
    : [];
  return { setting, settingId, from, to, samples, capacities, events, observed: [], gaps };
}
