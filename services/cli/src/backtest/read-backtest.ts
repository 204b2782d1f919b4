import { basename } from 'node:path';
import { after, defaultPolicy, hourMs } from '@headroom/core';
import type { AutoscaleSetting, Instant, Millis, Policy } from '@headroom/core';
import type { BacktestOptions, StatedModel } from '@headroom/scenario';
import { CommandFailed } from '../command-failed.ts';
import { readPolicy } from '../settings/read-document.ts';
import type { Surroundings } from '../surroundings.ts';
import { shortName } from '../text/target-name.ts';
import { askedHistory } from './asked-history.ts';
import type { AskedHistory, HistoryQuestion } from './history-question.ts';
import type { Price } from './price.ts';
import { readSettingFile } from './setting-file.ts';

export interface BacktestArguments {
  readonly data: string;
  readonly against: string;
  readonly candidate: readonly string[];
  readonly policy?: string;
  readonly price?: Price;
  readonly capacity?: number;
  readonly provisioning?: Millis;
  readonly dataAge?: Millis;
  readonly model: ReadonlyMap<string, StatedModel>;
  readonly days?: number;
  readonly since?: Instant;
  readonly until?: Instant;
  /** Axes; true for those that are tried where nobody names any. */
  readonly sweep?: readonly string[] | true;
  /** Goes on where the setting on record does not come out at what is on record. */
  readonly unchecked: boolean;
  readonly json: boolean;
}

/** A setting that is run. */
export interface Contender {
  readonly name: string;
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
}

/** Everything that was asked for, read. */
export interface ReadBacktest {
  readonly asked: AskedHistory;
  /** The setting on record first. */
  readonly contenders: readonly [Contender, ...Contender[]];
  readonly options: BacktestOptions;
}

/** What the arguments name. Throws `CommandFailed` where it cannot be had. */
export async function readBacktest(
  setting: string,
  args: BacktestArguments,
  around: Surroundings,
): Promise<ReadBacktest> {
  const asked = await askedHistory(questionOf(setting, args), around);
  const policy = args.policy === undefined ? undefined : await readPolicy(args.policy);
  const others = await candidatesOf(asked, args.candidate, policy ?? defaultPolicy);
  // Options of a person are the candidate's, where there is one.
  const ownPolicy = others.length === 0 ? policy : undefined;
  const current = {
    name: 'current',
    setting: asked.history.setting,
    policy: ownPolicy ?? asked.policy,
  };
  const contenders = [current, ...others] as const;
  refuseUnread(args.model, contenders);
  return { asked, contenders, options: optionsOf(args, asked) };
}

/** A slip of the pen would change nothing, and be believed. */
function refuseUnread(models: BacktestArguments['model'], contenders: readonly Contender[]): void {
  const rules = contenders.flatMap(({ setting }) => setting.profiles.flatMap((one) => one.rules));
  const read = [...new Set(rules.map(({ trigger }) => trigger.metricName))];
  const isRead = (name: string) => read.some((one) => one.toLowerCase() === name.toLowerCase());
  const unread = [...models.keys()].find((name) => !isRead(name));
  if (unread === undefined) return;
  throw new CommandFailed(`--model ${unread}: no rule reads it; they read ${read.join(', ')}`);
}

async function candidatesOf(
  { given, history }: AskedHistory,
  files: readonly string[],
  policy: Policy,
): Promise<readonly Contender[]> {
  const { target } = history.setting;
  const all: Contender[] = given === undefined ? [] : [{ name: 'given', setting: given, policy }];
  for (const file of files) {
    const setting = await readSettingFile(file);
    if (setting.target !== target) {
      throw new CommandFailed(
        `--candidate ${file} is for ${shortName(setting.target)}, and the history is of ${shortName(target)}: give a setting for that`,
      );
    }
    all.push({ name: basename(file, '.json'), setting, policy });
  }
  return all;
}

function questionOf(
  setting: string,
  { against, data, since, until }: BacktestArguments,
): HistoryQuestion {
  return {
    ...{ setting, against, data },
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
  };
}

/** Days count back from the end of the history, whenever that was. */
function optionsOf(args: BacktestArguments, { history, came }: AskedHistory): BacktestOptions {
  const { capacity, provisioning, model, days, since, until } = args;
  const from = since ?? (days === undefined ? undefined : daysBefore(until ?? history.to, days));
  const dataAgeMs = args.dataAge ?? came?.dataAgeMs;
  return {
    models: model,
    yardstick: history.setting,
    ...(came === undefined ? {} : { path: came.path }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(provisioning === undefined ? {} : { provisioningMs: provisioning }),
    ...(dataAgeMs === undefined ? {} : { dataAgeMs }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { to: until }),
  };
}

function daysBefore(end: Instant, days: number): Instant {
  return after(end, -days * 24 * hourMs);
}
