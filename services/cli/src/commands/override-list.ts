import { isoOf } from '@headroom/core';
import type { Override, TargetId } from '@headroom/core';
import { localEnvironment } from '@headroom/runtime';
import { knownSettings } from '@headroom/settings';
import { CommandFailed } from '../command-failed.ts';
import { openStores, silentLog } from '../connections.ts';
import { running } from '../settings/change-overrides.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { leftText, overrideText } from '../text/override-text.ts';
import { printable } from '../text/printable.ts';
import { findTargetsBelow, shortName } from '../text/target-name.ts';

export interface ListOptions {
  readonly data: string;
  /** A target or a scope; everything when absent. */
  readonly target?: string;
  readonly json: boolean;
}

interface Listed {
  readonly target: TargetId;
  readonly version: number;
  readonly override: Override;
}

/** `headroom override list`: what has not ended, what ends first first. */
export async function listOverrides(options: ListOptions, around: Surroundings): Promise<ExitCode> {
  const listed = await readOverrides(options, around);
  for (const one of listed) around.out(`${options.json ? jsonOf(one) : lineOf(one, around)}\n`);
  if (listed.length === 0 && !options.json) around.err('No override is in force.\n');
  return 0;
}

async function readOverrides(
  { data, target }: ListOptions,
  around: Surroundings,
): Promise<readonly Listed[]> {
  const stores = await openStores(localEnvironment(data, around.env), silentLog);
  try {
    const known = await knownSettings(stores.settings);
    const asked =
      target === undefined
        ? undefined
        : wanted(
            target,
            known.map((one) => one.target),
          );
    return known
      .filter((one) => asked?.has(one.target) ?? true)
      .flatMap(({ target, version, content }) =>
        'overrides' in content
          ? running(content.overrides, around.now()).map((override) => ({
              target,
              version,
              override,
            }))
          : [],
      )
      .sort((a, b) => a.override.until - b.override.until);
  } finally {
    stores.close();
  }
}

function wanted(text: string, known: readonly TargetId[]): ReadonlySet<TargetId> {
  const found = findTargetsBelow(text, known);
  if (!found.ok) throw new CommandFailed(found.error);
  return new Set(found.value);
}

function lineOf({ target, override }: Listed, around: Surroundings): string {
  return `${shortName(target)}  ${overrideText(override, target)} (${leftText(override, around.now())})`;
}

function jsonOf({ target, version, override }: Listed): string {
  const { at, until } = override;
  const iso = { at: isoOf(at), until: isoOf(until) };
  return printable(JSON.stringify({ target, version, ...override, ...iso }));
}
