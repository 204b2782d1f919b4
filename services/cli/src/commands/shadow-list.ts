import { shadowsOf } from '@headroom/core';
import type { SettingVersion, Shadow, TargetId } from '@headroom/core';
import { knownSettings } from '@headroom/settings';
import { CommandFailed } from '../command-failed.ts';
import { withStores } from '../connections.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { printable } from '../text/printable.ts';
import { findTargetsBelow, shortName } from '../text/target-name.ts';

export interface ShadowListOptions {
  readonly data: string;
  /** A target or a scope; everything when absent. */
  readonly target?: string;
  readonly json: boolean;
}

interface Listed {
  readonly target: TargetId;
  readonly version: number;
  readonly shadow: Shadow;
}

/** `headroom shadow list`. */
export function listShadows(
  { data, target, json }: ShadowListOptions,
  around: Surroundings,
): Promise<ExitCode> {
  return withStores(data, around, async ({ settings }) => {
    const listed = listedOf(await knownSettings(settings), target);
    for (const one of listed)
      around.out(`${printable(json ? JSON.stringify(one) : lineOf(one))}\n`);
    if (listed.length === 0 && !json) {
      around.err(
        'There are no shadows: headroom shadow add TARGET NAME FILE puts one beside a setting.\n',
      );
    }
    return 0;
  });
}

function listedOf(known: readonly SettingVersion[], scope: string | undefined): readonly Listed[] {
  const asked = scope === undefined ? undefined : new Set(targetsBelow(scope, known));
  return known
    .filter(({ target }) => asked?.has(target) ?? true)
    .flatMap(({ target, version, content }) =>
      shadowsOf(content).map((shadow) => ({ target, version, shadow })),
    )
    .sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
}

function targetsBelow(scope: string, known: readonly SettingVersion[]): readonly TargetId[] {
  const found = findTargetsBelow(
    scope,
    known.map(({ target }) => target),
  );
  if (!found.ok) throw new CommandFailed(found.error);
  return found.value;
}

/** `chat/blue  lower  profiles 1, rules 2`. */
function lineOf({ target, shadow: { name, content } }: Listed): string {
  return [shortName(target), name, contentText(content)].join('  ');
}

function contentText(content: Shadow['content']): string {
  if (content.kind === 'unreadable') return `cannot be read: ${content.problems.join('; ')}`;
  const { profiles, enabled } = content.setting;
  const rules = profiles.reduce((sum, profile) => sum + profile.rules.length, 0);
  return `profiles ${profiles.length}, rules ${rules}${enabled ? '' : ', disabled'}`;
}
