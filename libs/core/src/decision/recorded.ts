import type { Reading } from '../evaluation/reading.ts';
import { activeProfile, nextSwitch } from '../setting/active-profile.ts';
import type { Rule, SettingContent } from '../setting/autoscale-setting.ts';
import { decide } from './decide.ts';
import type { DecideInput } from './decide-input.ts';
import type { Decision, Verdict } from './decision.ts';
import { failedJudgement, unreadableText } from './failed-judgement.ts';

/** A setting that can be decided with. */
export type SettingInForce = Extract<SettingContent, { kind: 'setting' }>;

/** The same decision again would read a rule whose reading the record does not have. */
export class ReadingNotRecorded extends Error {
  override readonly name = 'ReadingNotRecorded';
  readonly rule: number;

  constructor(rule: number) {
    super(`the record has no reading of rules[${rule}]`);
    this.rule = rule;
  }
}

/** The inputs of a decision as its record has them; `content` is the version of the setting that it names. */
export function recordedInput(
  { at, state, rules }: Pick<Decision, 'at' | 'state' | 'rules'>,
  { setting, policy, overrides }: SettingInForce,
): DecideInput {
  const readings = new Map(rules.map(({ index, reading }) => [index, reading]));
  const read = (_: Rule, index: number): Reading => {
    const reading = readings.get(index);
    if (reading === undefined) throw new ReadingNotRecorded(index);
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

/**
 * What this code makes of a decision's recorded inputs; an error holds, as it does in the log. Throws
 * `ReadingNotRecorded` where the inputs do not suffice.
 */
export function decideAgain(decision: Decision, content: SettingContent): Verdict {
  const fail = (text: string) => failedJudgement(decision.state, decision.at, text).verdict();
  if (content.kind !== 'setting') return fail(unreadableText(content));
  try {
    return decide(recordedInput(decision, content));
  } catch (error) {
    if (error instanceof ReadingNotRecorded) throw error;
    return fail(error instanceof Error ? error.message : String(error));
  }
}
