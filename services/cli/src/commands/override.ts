import { durationText, withOverride } from '@headroom/core';
import type { Override, OverrideKind, TargetId } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { CommandFailed } from '../command-failed.ts';
import { withStores } from '../connections.ts';
import { changeEach } from '../settings/change-each.ts';
import { changeOverrides } from '../settings/change-overrides.ts';
import { findSetting, findSettingsBelow } from '../settings/find-settings.ts';
import { overrideOf, type WantedOverride, type WantedTerm } from '../settings/wanted-override.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { overrideText } from '../text/override-text.ts';
import { namesText, shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import { overrideNotes } from './override-notes.ts';

export interface NewOverrideOptions extends WantedTerm {
  readonly data: string;
}

/** `headroom override pause|pin|confirm TARGET`. */
export async function overrideTarget(
  text: string,
  wanted: WantedOverride,
  options: NewOverrideOptions,
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(options.data, around, async ({ settings }) => {
    const target = await findSetting(text, settings);
    const now = around.now();
    const override = overrideOf(wanted, options, now);
    await refuseSenseless(target, wanted.kind, settings);
    const changed = await changeOverrides(settings, target, now, (running) =>
      withOverride(running, override),
    );
    const term = `for ${durationText(options.forMs)}, in version ${changed.version} of the setting`;
    around.out(`${shortName(target)}: ${overrideText(override, target)}\n    ${term}\n`);
    for (const note of overrideNotes(changed, override)) around.err(`note: ${note}\n`);
    return 0;
  });
}

/** `headroom override freeze SCOPE`. */
export async function freezeScope(
  scope: string,
  options: NewOverrideOptions,
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(options.data, around, async ({ settings }) => {
    const targets = await targetsBelow(scope, settings, around);
    const now = around.now();
    const override = overrideOf({ kind: 'freeze' }, options, now);
    await changeEach(settings, targets, now, (running) => withOverride(running, override));
    const count = targets.length === 1 ? '1 setting is' : `${targets.length} settings are`;
    const until = formatInstant(override.until);
    around.out(`${count} frozen until ${until}: ${namesText(targets)}\n`);
    return 0;
  });
}

/** `headroom override clear SCOPE`. */
export async function clearScope(
  scope: string,
  { data, kind }: { readonly data: string; readonly kind?: OverrideKind },
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(data, around, async ({ settings }) => {
    const targets = await targetsBelow(scope, settings, around);
    const goes = (override: Override) => kind === undefined || override.kind === kind;
    const looked = await changeEach(settings, targets, around.now(), (running) =>
      running.filter((override) => !goes(override)),
    );
    const cleared = looked.filter(({ before }) => before.some(goes));
    for (const { target, before } of cleared) {
      const ended = before.filter(goes).map((one) => overrideText(one, target));
      around.out(`${shortName(target)}: no longer ${ended.join('; no longer ')}\n`);
    }
    if (cleared.length > 0) return 0;
    const what = kind ?? 'override';
    around.err(`Nothing to clear: ${namesText(targets)} had no ${what} in force.\n`);
    return 0;
  });
}

/** Nothing but a limit waits for a person; and a quota is shared out, which one count says nothing about. */
async function refuseSenseless(
  target: TargetId,
  wanted: OverrideKind,
  settings: SettingStore,
): Promise<void> {
  const kind = (await settings.read(target))?.content.kind;
  if (wanted === 'pin' && kind === 'quotaPool') {
    throw new CommandFailed(
      `${shortName(target)} is a quota pool, which shares one quota out: it cannot be pinned to a count. Set guarantee and maximum of its deployments (headroom apply), or hold it as it is: headroom override pause`,
    );
  }
  if (wanted !== 'confirm') return;
  if (kind === 'rateLimit' || kind === 'unreadable' || kind === undefined) return;
  throw new CommandFailed(
    `${shortName(target)} is no AI services account: confirm lets limits rise although a caller is far above its own history; nothing else waits for it`,
  );
}

async function targetsBelow(
  scope: string,
  settings: SettingStore,
  around: Surroundings,
): Promise<readonly TargetId[]> {
  const { targets, unreadable } = await findSettingsBelow(scope, settings);
  if (unreadable.length > 0) {
    const names = namesText(unreadable);
    around.err(`note: held already, as their settings cannot be read: ${names}\n`);
  }
  return targets;
}
