import type { Reading } from '../evaluation/reading.ts';
import { activeProfile, nextSwitch } from '../setting/active-profile.ts';
import type { Rule, SettingContent } from '../setting/autoscale-setting.ts';
import { shadowContent } from '../setting/shadow.ts';
import type { DecideInput } from './decide-input.ts';
import type { Decision } from './decision.ts';

/** A setting that can be decided with. */
export type SettingInForce = Extract<SettingContent, { kind: 'setting' }>;

/** The same decision again would look at something that the record does not have. */
export class InputNotRecorded extends Error {
  override readonly name = 'InputNotRecorded';
  /** `rules[0]`, `limit`. */
  readonly path: string;

  constructor(path: string) {
    super(`the record has no ${path}`);
    this.path = path;
  }
}

/**
 * What a decision was made with: the content of the version that it names, or that of a shadow of it. `undefined` where that
 * version is not known, or has no such shadow.
 */
export function decidedWith(
  { shadow }: Pick<Decision, 'shadow'>,
  content: SettingContent | undefined,
): SettingContent | undefined {
  if (shadow === undefined || content === undefined) return content;
  return shadowContent(content, shadow);
}

/** The inputs of a decision as its record has them; `content` is the version of the setting that it names. */
export function recordedInput(
  { at, state, rules }: Pick<Decision, 'at' | 'state' | 'rules'>,
  { setting, policy, overrides }: SettingInForce,
): DecideInput {
  const readings = new Map(rules.map(({ index, reading }) => [index, reading]));
  const read = (_: Rule, index: number): Reading => {
    const reading = readings.get(index);
    if (reading === undefined) throw new InputNotRecorded(`rules[${index}]`);
    return reading;
  };
  const active = activeProfile(setting, at);
  const switchAt = active === undefined ? nextSwitch(setting, at) : undefined;
  return {
    setting,
    policy,
    overrides,
    active,
    switchAt,
    state,
    read,
    now: at,
  };
}
