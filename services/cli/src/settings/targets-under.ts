import { limitTarget } from '@headroom/core';
import type { SettingVersion, TargetId } from '@headroom/core';

/** What is decided on by the word of a setting, itself first: of an account its limits, of a pool its deployments. */
export function targetsUnder({ target, content }: SettingVersion): readonly TargetId[] {
  switch (content.kind) {
    case 'rateLimit':
      return [target, ...content.account.rules.map(({ key }) => limitTarget(target, key))];
    case 'quotaPool':
      return [target, ...content.pool.deployments.map((deployment) => deployment.target)];
    default:
      return [target];
  }
}

/**
 * Whose records tell about a target: those of what is decided on under it, and of the setting by whose word it is decided on.
 */
export function tellingOf(target: TargetId, known: readonly SettingVersion[]): readonly TargetId[] {
  const own = known.filter((version) => version.target === target).flatMap(targetsUnder);
  const above = known.filter((version) => targetsUnder(version).includes(target));
  return [...new Set([target, ...own, ...above.map((version) => version.target)])];
}
