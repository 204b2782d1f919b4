import type { SettingVersion } from './autoscale-setting.ts';

/** Nothing is decided by the setting here any more. */
export function isGone({ content }: SettingVersion): boolean {
  return content.kind === 'tombstone' || content.kind === 'moved';
}

/**
 * Whom one fold has to see together: what shares a backend, a quota or a cap names one group. A target without one is a
 * group of its own.
 */
export function groupOf({ target, content }: SettingVersion): string {
  return content.kind === 'rateLimit' ? (content.policy.group ?? target) : target;
}
