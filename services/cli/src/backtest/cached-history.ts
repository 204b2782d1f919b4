import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { defaultPolicy, instant, isoOf } from '@headroom/core';
import type { AutoscaleSetting } from '@headroom/core';
import { fittedDataAge } from '@headroom/scenario';
import type { TargetHistory } from '@headroom/scenario';
import { CommandFailed } from '../command-failed.ts';
import { HistoryCache } from '../history/history-cache.ts';
import { isKnown, knownSetting } from '../history/known-setting.ts';
import type { KnownSetting } from '../history/known-setting.ts';
import { loadHistory } from '../history/load-history.ts';
import { findKnownTarget, namesText } from '../text/target-name.ts';
import type { AskedHistory, HistoryQuestion } from './history-question.ts';
import { isFile, readSettingFile } from './setting-file.ts';

/** Where `headroom assess` keeps what it fetched, in the folder of the system. */
const cacheFolder = 'assess';

/** What was fetched of a target, and its setting then; a file that says something else is a candidate. */
export async function cachedHistory(question: HistoryQuestion): Promise<AskedHistory> {
  const { setting: text, against } = question;
  const given = (await isFile(text)) ? await readSettingFile(text) : undefined;
  const known = await settingsIn(against);
  const history = await historyOf(settingOf(given?.target ?? text, known, against), question);
  const dataAgeMs = fittedDataAge(history);
  const rest = {
    ...{ history, policy: defaultPolicy, isOwn: true },
    ...(dataAgeMs === undefined ? {} : { came: { path: 'poll', dataAgeMs } }),
  };
  const isNew = given !== undefined && !saysTheSame(given, history.setting);
  return isNew ? { ...rest, given } : rest;
}

/** Every setting of which there is anything; nothing of their metrics is read. */
async function settingsIn(against: string): Promise<readonly KnownSetting[]> {
  const all: KnownSetting[] = [];
  for (const folder of await foldersOf(against)) {
    const cache = new HistoryCache(folder);
    const known = (await cache.everySetting()).map((document) =>
      knownSetting(document, (id) => cache.settingOf(id)),
    );
    all.push(...known.filter(isKnown));
  }
  if (all.length > 0) return all;
  throw new CommandFailed(
    `--against ${against} holds nothing that "headroom assess" fetched: fetch it first, or give a CSV or NDJSON file of samples`,
  );
}

/** By the target, or by the setting's own name. */
function settingOf(text: string, known: readonly KnownSetting[], against: string): KnownSetting {
  const named = known.filter(({ id }) => id.endsWith(`/${text.toLowerCase()}`));
  const targets = known.map(({ setting }) => setting.target);
  const target = findKnownTarget(text, targets);
  const found = target.ok
    ? known.find(({ setting }) => setting.target === target.value)
    : named.length === 1
      ? named[0]
      : undefined;
  if (found !== undefined) return found;
  throw new CommandFailed(
    `${against} holds no setting of "${text}", or more than one. It holds those of ${namesText(targets)}`,
  );
}

/** All that was fetched, unless a part of it is asked for. */
async function historyOf(one: KnownSetting, question: HistoryQuestion): Promise<TargetHistory> {
  const days = [...(await one.cache.days()).values()];
  const first = instant(Math.min(...days.map(({ from }) => from)));
  const last = instant(Math.max(...days.map(({ to }) => to)));
  const { from = first, to = last } = question;
  if (days.length > 0 && (from >= last || to <= first)) {
    throw new CommandFailed(
      `${question.against} has the metrics of ${one.setting.name} from ${isoOf(first)} to ${isoOf(last)}, and nothing of what --since and --until ask for`,
    );
  }
  if (days.length > 0) return loadHistory(one, from, to);
  throw new CommandFailed(
    `${question.against} has the setting ${one.setting.name}, and none of its metrics: fetch them with "headroom assess"`,
  );
}

/** Of the subscriptions in the folder of the system, or in that of what was fetched; or the one that is given. */
async function foldersOf(against: string): Promise<readonly string[]> {
  const path = against.replace(/\/+$/, '');
  if (basename(dirname(path)) === cacheFolder) return [path];
  const root = basename(path) === cacheFolder ? path : join(path, cacheFolder);
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(root, name));
}

/** Whatever its name is. */
function saysTheSame(a: AutoscaleSetting, b: AutoscaleSetting): boolean {
  return JSON.stringify({ ...a, name: '' }) === JSON.stringify({ ...b, name: '' });
}
