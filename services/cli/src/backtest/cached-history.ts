import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { after, defaultPolicy, hourMs } from '@headroom/core';
import type { AutoscaleSetting, TargetId } from '@headroom/core';
import type { TargetHistory } from '@headroom/scenario';
import { CommandFailed } from '../command-failed.ts';
import { cachedHistories } from '../history/fetch-histories.ts';
import type { Surroundings } from '../surroundings.ts';
import { findKnownTarget, namesText } from '../text/target-name.ts';
import type { AskedHistory, HistoryQuestion } from './history-question.ts';
import { isFile, readSettingFile } from './setting-file.ts';

/** Where `headroom assess` keeps what it fetched, in the folder of the system. */
const cacheFolder = 'assess';

/** Days that are looked at where nobody says how many. */
const usualDays = 30;

/** What was fetched of a target, and its setting then; a file that says something else is a candidate. */
export async function cachedHistory(
  question: HistoryQuestion,
  around: Surroundings,
): Promise<AskedHistory> {
  const { setting: text, against } = question;
  const given = (await isFile(text)) ? await readSettingFile(text) : undefined;
  const history = await findHistory(given?.target ?? text, question, around);
  const rest = { history, policy: defaultPolicy, isOwn: true };
  const isNew = given !== undefined && !saysTheSame(given, history.setting);
  if (isNew) return { ...rest, given };
  if (history.samples.length > 0) return rest;
  throw new CommandFailed(
    `${against} holds no metric of ${text} in this time: fetch it with "headroom assess"`,
  );
}

/** They are read from the disk one after the other: only the one that is meant is kept. */
async function findHistory(
  text: string,
  question: HistoryQuestion,
  around: Surroundings,
): Promise<TargetHistory> {
  const { data, subscriptions } = await placeOf(question.against);
  const to = question.to ?? around.now();
  const from = question.from ?? after(to, -usualDays * 24 * hourMs);
  const known: TargetId[] = [];
  const found = new Map<TargetId, TargetHistory>();
  for (const subscription of subscriptions) {
    const { each } = await cachedHistories({ subscription, data, from, to });
    for await (const history of each) {
      const { target } = history.setting;
      known.push(target);
      if (findKnownTarget(text, [target]).ok) found.set(target, history);
    }
  }
  const target = findKnownTarget(text, known);
  const history = target.ok ? found.get(target.value) : undefined;
  if (history !== undefined) return history;
  throw new CommandFailed(
    known.length === 0
      ? `${question.against} holds no setting: fetch some with "headroom assess --subscription S"`
      : `${question.against} holds no setting of "${text}". It holds those of ${namesText(known)}`,
  );
}

/** The folder of the system, that of the cache in it, or that of one subscription. */
async function placeOf(
  folder: string,
): Promise<{ readonly data: string; readonly subscriptions: readonly string[] }> {
  const path = folder.replace(/\/+$/, '');
  if (basename(dirname(path)) === cacheFolder) {
    return { data: dirname(dirname(path)), subscriptions: [basename(path)] };
  }
  const data = basename(path) === cacheFolder ? dirname(path) : path;
  const entries = await readdir(join(data, cacheFolder), { withFileTypes: true }).catch(() => []);
  const subscriptions = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  if (subscriptions.length > 0) return { data, subscriptions };
  throw new CommandFailed(
    `--against ${folder} holds nothing that "headroom assess" fetched: fetch it first, or give a CSV or NDJSON file of samples`,
  );
}

/** Whatever its name is. */
function saysTheSame(a: AutoscaleSetting, b: AutoscaleSetting): boolean {
  return JSON.stringify({ ...a, name: '' }) === JSON.stringify({ ...b, name: '' });
}
