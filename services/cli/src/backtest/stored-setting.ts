import type { SettingContent, SettingVersion } from '@headroom/core';
import { knownSettings } from '@headroom/settings';
import { CommandFailed } from '../command-failed.ts';
import { openStores, silentLog } from '../connections.ts';
import { localEnvironment } from '@headroom/runtime';
import { findSetting } from '../settings/find-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { shortName } from '../text/target-name.ts';

export interface StoredSetting {
  readonly version: SettingVersion;
  readonly content: Extract<SettingContent, { kind: 'setting' }>;
}

/** The setting in force for the target that a person names. */
export async function storedSetting(
  text: string,
  data: string,
  { env }: Pick<Surroundings, 'env'>,
): Promise<StoredSetting> {
  const stores = await openStores(localEnvironment(data, env), silentLog);
  try {
    const target = await findSetting(text, stores.settings);
    const known = await knownSettings(stores.settings);
    const version = known.find((one) => one.target === target);
    if (version?.content.kind === 'setting') return { version, content: version.content };
    throw new CommandFailed(
      `${shortName(target)} has no autoscale setting that can be read: a backtest is of one`,
    );
  } finally {
    stores.close();
  }
}
