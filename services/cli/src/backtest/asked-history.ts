import { stat } from 'node:fs/promises';
import { defaultPolicy } from '@headroom/core';
import { LocalEnvironmentError } from '@headroom/runtime';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { readSamples } from '../history/read-samples.ts';
import type { Surroundings } from '../surroundings.ts';
import { cachedHistory } from './cached-history.ts';
import type { AskedHistory, HistoryQuestion } from './history-question.ts';
import { recordedHistory } from './recorded-history.ts';
import { spanOf } from './recorded-log.ts';
import { storedSetting } from './stored-setting.ts';
import { isFile, readSettingFile } from './setting-file.ts';

export async function askedHistory(
  question: HistoryQuestion,
  around: Surroundings,
): Promise<AskedHistory> {
  const { against } = question;
  if (against === 'recorded') return recordedHistory(question, around);
  return (await isFolder(against)) ? cachedHistory(question) : historyOfFile(question, around);
}

/** Samples of a file say nothing of a setting: the one that is given counts as the current one. */
async function historyOfFile(
  { setting: text, against, data }: HistoryQuestion,
  around: Surroundings,
): Promise<AskedHistory> {
  const { setting, policy } = (await isFile(text))
    ? { setting: await readSettingFile(text), policy: defaultPolicy }
    : (await settingInForce(text, data, around)).content;
  const { samples, capacities } = await readSamples(against, setting);
  if (samples.length === 0) throw new CommandFailed(`${against} holds no sample`);
  const [from, to] = spanOf(samples);
  const rest = { settingId: setting.name, events: [], observed: [], gaps: [] };
  return { history: { setting, from, to, samples, capacities, ...rest }, policy, isOwn: false };
}

async function settingInForce(text: string, data: string, around: Surroundings) {
  try {
    return await storedSetting(text, data, around);
  } catch (error) {
    if (!(error instanceof LocalEnvironmentError)) throw error;
    throw new CommandFailed(
      `"${text}" is no file here, and no system is known that has a setting of that name: give the file of the setting. (${error.message.split('\n')[0]})`,
      { cause: error },
    );
  }
}

async function isFolder(against: string): Promise<boolean> {
  try {
    return (await stat(against)).isDirectory();
  } catch (error) {
    throw new CommandFailed(
      `--against ${against} cannot be read: ${messageOf(error)}. Give a CSV or NDJSON file of samples, the folder that "headroom assess" fetched into, or the word recorded`,
    );
  }
}
