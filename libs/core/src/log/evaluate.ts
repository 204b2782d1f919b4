import type { Millis } from '../lang/instant.ts';
import type { TopicMessage } from '../audit/record.ts';
import { judge } from '../decision/decide.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import type { Judgement } from '../decision/judgement.ts';
import type { Rule } from '../setting/autoscale-setting.ts';
import { defaultPolicy } from '../setting/policy.ts';
import { record } from './record.ts';
import type { EvaluationPlace } from './record.ts';
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
  const { version } = entry;
  const { mode, auditLevel } = policyOf(entry);
  const inWords = () => judgementOf(entry, place, judgeWith, true).verdict();
  record({ scaled: entry, version, mode, auditLevel }, judgement, inWords, place, messages);
  return judgement;
}

/** An error inside one setting holds that setting, never the partition. */
function judgementOf(
  entry: TargetEntry,
  { now, zones }: EvaluationPlace,
  judgeWith: JudgeFunction,
  inWords: boolean,
): Judgement {
  const { content } = entry.version;
  if (content.kind !== 'setting') return failedJudgement(entry.state, now, unreadableText(content));
  const { setting, policy, overrides } = content;
  try {
    const active = entry.activeAt(now, zones);
    const { switchAt } = entry;
    const windows = entry.windowsOf(active?.index ?? 0);
    const input = {
      setting,
      policy,
      overrides,
      active,
      switchAt,
      state: entry.state,
      read: (_: Rule, index: number, lastGoodMs: Millis) => windows.read(index, now, lastGoodMs),
      now,
    };
    return judgeWith(input, inWords);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return failedJudgement(entry.state, now, text);
  }
}

function policyOf({ version }: TargetEntry) {
  return version.content.kind === 'setting' ? version.content.policy : defaultPolicy;
}
