import { stat } from 'node:fs/promises';
import { defaultPolicy, instant, sampleEnd } from '@headroom/core';
import type { AutoscaleSetting, Instant, Policy } from '@headroom/core';
import type { TargetHistory } from '@headroom/scenario';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { readSamples } from '../history/read-samples.ts';
import type { Surroundings } from '../surroundings.ts';
import { storedSetting } from './stored-setting.ts';
import { isFile, readSettingFile } from './setting-file.ts';

/** What a person asks for: a setting, and what is on record of its target. */
export interface HistoryQuestion {
  /** A file, or a name of a target. */
  readonly setting: string;
  /** A file of samples, the folder of what was fetched, or `recorded`. */
  readonly against: string;
  readonly data: string;
  readonly from?: Instant;
  readonly to?: Instant;
}

export interface AskedHistory {
  readonly history: TargetHistory;
  /** Headroom's options of the setting on record. */
  readonly policy: Policy;
  /** Whether the record itself says that the setting was in force. */
  readonly isOwn: boolean;
  /** What was given beside the setting on record, where that says something else. */
  readonly given?: AutoscaleSetting;
}

export async function askedHistory(
  question: HistoryQuestion,
  around: Surroundings,
): Promise<AskedHistory> {
  return historyOfFile(question, around);
}

/** Samples of a file say nothing of a setting: the one that is given counts as the current one. */
async function historyOfFile(
  { setting: text, against, data }: HistoryQuestion,
  around: Surroundings,
): Promise<AskedHistory> {
  await refuseNoFile(against);
  const { setting, policy } = (await isFile(text))
    ? { setting: await readSettingFile(text), policy: defaultPolicy }
    : await storedSetting(text, data, around);
  const { samples, capacities } = await readSamples(against, setting);
  const ends = samples.map(sampleEnd);
  const [first] = samples;
  if (first === undefined) throw new CommandFailed(`${against} holds no sample`);
  const from = instant(samples.reduce((least, { time }) => Math.min(least, time), Infinity));
  const to = instant(ends.reduce((most, end) => Math.max(most, end), -Infinity));
  const rest = { settingId: setting.name, events: [], observed: [], gaps: [] };
  return { history: { setting, from, to, samples, capacities, ...rest }, policy, isOwn: false };
}

async function refuseNoFile(against: string): Promise<void> {
  try {
    await stat(against);
  } catch (error) {
    throw new CommandFailed(
      `--against ${against} cannot be read: ${messageOf(error)}. Give a CSV or NDJSON file of samples, the folder that "headroom assess" fetched into, or the word recorded`,
    );
  }
}
