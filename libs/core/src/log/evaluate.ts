import type { Millis } from '../lang/instant.ts';
import type { TopicMessage } from '../audit/record.ts';
import { judge } from '../decision/decide.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import type { TargetState } from '../decision/decision.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { Rule } from '../setting/autoscale-setting.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { Policy } from '../setting/policy.ts';
import { record } from './record.ts';
import type { EvaluationPlace } from './record.ts';
import type { SettingAtWork } from './setting-at-work.ts';
import type { TargetEntry } from './target-entry.ts';

/** `judge`, or a test's stand-in for one that fails. */
export type JudgeFunction = typeof judge;

/** Decides on one target, changes its entry accordingly and adds to `messages` what goes to the topic. */
export function evaluate(
  entry: TargetEntry,
  place: EvaluationPlace,
  messages: TopicMessage[],
  judgeWith: JudgeFunction = judge,
): Judgement {
  const judgement = judgementOf(entry, place, judgeWith, false);
  entry.lastEvaluatedAt = place.now;
  const { version, work } = entry;
  const { mode, auditLevel } = policyOf(work);
  const inWords = () => judgementOf(entry, place, judgeWith, true).verdict();
  record({ scaled: entry, version, mode, auditLevel }, judgement, inWords, place, messages);
  return judgement;
}

/** A setting that decides on what is known of a target. */
export interface Judging {
  readonly work: SettingAtWork;
  readonly state: TargetState;
}

/** An error inside one setting holds that setting, never the partition. */
export function judgementOf(
  { work, state }: Judging,
  { now, zones }: EvaluationPlace,
  judgeWith: JudgeFunction,
  inWords: boolean,
): Judgement {
  const { content } = work;
  if (content.kind !== 'setting') return failedJudgement(state, now, unreadableText(content));
  const { setting, policy, overrides } = content;
  try {
    const active = work.activeAt(now, zones);
    const { switchAt } = work;
    const windows = work.windowsOf(active?.index ?? 0);
    const input = {
      setting,
      policy,
      overrides,
      active,
      switchAt,
      state,
      read: (_: Rule, index: number, lastGoodMs: Millis) => windows.read(index, now, lastGoodMs),
      now,
    };
    return judgeWith(input, inWords);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return failedJudgement(state, now, text);
  }
}

export function policyOf({ content }: Pick<SettingAtWork, 'content'>): Policy {
  return content.kind === 'setting' ? content.policy : defaultPolicy;
}
