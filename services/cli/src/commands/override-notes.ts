import { baseTps, ceilingTps } from '@headroom/core';
import type { Override } from '@headroom/core';
import type { Content } from '@headroom/settings';
import type { Overridden } from '../settings/change-overrides.ts';
import { overrideText } from '../text/override-text.ts';

/** What somebody who sets this override should know beside it. */
export function overrideNotes(
  { target, content, before, overrides }: Overridden,
  set: Override,
): readonly string[] {
  const replaced = before.find(({ kind }) => kind === set.kind);
  const stronger = overrides.filter(({ kind }) => kind === 'pause' || kind === 'freeze');
  return [
    ...(replaced === undefined ? [] : [`it takes the place of: ${overrideText(replaced, target)}`]),
    ...(set.kind === 'pin' ? pinNotes(set.to, content) : []),
    ...(set.kind === 'pin'
      ? stronger.map((other) => `first it is ${overrideText(other, target)}`)
      : []),
    ...needlessNotes(content, set),
    ...(content.policy.mode === 'observe' ? ['mode observe: nothing is scaled anyway'] : []),
  ];
}

function needlessNotes(content: Content, { kind }: Override): readonly string[] {
  if (content.kind === 'setting' && !content.setting.enabled) {
    return ['the setting is disabled: nothing is decided for it anyway'];
  }
  if (content.kind !== 'rateLimit' || kind !== 'confirm') return [];
  const { account, policy } = content;
  if (!account.dynamicThrottlingEnabled) return ['its autoscale is off: nothing is raised anyway'];
  return policy.anomalyFactor === undefined
    ? ['its policy names no anomalyFactor: no raise waits for a person']
    : [];
}

/** Only where nothing lets the count be: a profile that does may be the active one by and by. */
function pinNotes(to: number, content: Content): readonly string[] {
  const bounds = boundsOf(content);
  if (bounds.length === 0 || bounds.some(([least, most]) => least <= to && to <= most)) return [];
  const list = [...new Set(bounds.map(([least, most]) => `${least} to ${most}`))].join(', ');
  const whose = content.kind === 'rateLimit' ? 'every limit' : 'every profile';
  return [`${to} is outside the bounds of ${whose} (${list}): the nearest bound is taken`];
}

function boundsOf(content: Content): readonly (readonly [number, number])[] {
  switch (content.kind) {
    case 'setting':
      return content.setting.profiles.map(({ capacity }) => [capacity.minimum, capacity.maximum]);
    case 'rateLimit': {
      const { account, policy } = content;
      return account.rules.map((rule) => [baseTps(rule, policy), ceilingTps(rule, policy)]);
    }
    case 'quotaPool':
      return [];
  }
}
