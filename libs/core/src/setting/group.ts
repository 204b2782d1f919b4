import type { SettingVersion } from './autoscale-setting.ts';

/**
 * Whom one fold has to see together: what shares a backend, a quota or a cap names one group. A target without one is a
 * group of its own.
 */
export function groupOf({ target, content }: SettingVersion): string {
  return content.kind === 'rateLimit' ? (content.policy.group ?? target) : target;
}
