import type { TargetId } from '../lang/target.ts';
import type { AutoscaleSetting, SettingContent, Shadow } from './autoscale-setting.ts';

/** Most shadows of one target. */
export const shadowsMax = 20;

/** Most bytes of a setting with its shadows: they go into one message of the log. */
export const settingBytesMax = 200_000;

/** 1 to 64 letters and digits, and between them `.`, `_` and `-`. */
export const shadowNamePattern = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;

export function shadowsOf(content: SettingContent): readonly Shadow[] {
  return content.kind === 'setting' ? (content.shadows ?? noShadows) : noShadows;
}

/**
 * The setting that a shadow decides with, as if it were the one in force: the target's overrides hold for its shadows as
 * well, so that what differs comes of the settings. `undefined` where the version has no shadow of the name.
 */
export function shadowContent(content: SettingContent, name: string): SettingContent | undefined {
  const shadow = shadowsOf(content).find((one) => one.name === name);
  return shadow === undefined ? undefined : asInForce(shadow, content);
}

/** The same of a shadow of the content. */
export function asInForce({ content: own }: Shadow, content: SettingContent): SettingContent {
  if (own.kind === 'unreadable') return own;
  const overrides = content.kind === 'setting' ? content.overrides : [];
  const { setting, policy } = own;
  return { kind: 'setting', setting, policy: { ...policy, mode: 'observe' }, overrides };
}

/** Every setting that decides on the target: the one in force, then its shadows. */
export function settingsIn(content: SettingContent): readonly AutoscaleSetting[] {
  if (content.kind !== 'setting') return [];
  const shadows = shadowsOf(content).flatMap(({ content: own }) =>
    own.kind === 'setting' ? [own.setting] : [],
  );
  return [content.setting, ...shadows];
}

/** A shadow decides on the target that it stands beside, and on no other. */
export function isOfTarget({ content }: Shadow, target: TargetId): boolean {
  return content.kind !== 'setting' || content.setting.target === target;
}

const noShadows: readonly never[] = [];
