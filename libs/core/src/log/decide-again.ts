import { never } from '../lang/assert.ts';
import { decide } from '../decision/decide.ts';
import type { Decision, Verdict } from '../decision/decision.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import { decidedWith, InputNotRecorded, recordedInput } from '../decision/recorded.ts';
import type { QuotaPoolContent, SettingContent } from '../setting/autoscale-setting.ts';
import { leavingJudgement } from '../ratelimit/leaving.ts';
import { decideLimit } from '../ratelimit/decide-limit.ts';
import { decideQuota } from '../ratelimit/quota/decide-quota.ts';
import { recordedLimitInput } from '../ratelimit/recorded.ts';
import { changeJudgement, changesOf, poolJudgement } from './pool-judgements.ts';

/**
 * What this code makes of a decision's recorded inputs; `content` is the version of the setting that it names. An error
 * holds, as it does in the log. Throws `InputNotRecorded` where the inputs do not suffice.
 */
export function decideAgain(decision: Decision, content: SettingContent): Verdict {
  const own = decidedWith(decision, content);
  if (own === undefined) throw new InputNotRecorded(`shadow ${decision.shadow}`);
  try {
    return verdictOf(decision, own);
  } catch (error) {
    if (error instanceof InputNotRecorded) throw error;
    return failed(decision, error instanceof Error ? error.message : String(error));
  }
}

function verdictOf(decision: Decision, content: SettingContent): Verdict {
  const { state, limit, at } = decision;
  if (limit?.leavesTo !== undefined) return leavingJudgement(state, limit, at).verdict();
  switch (content.kind) {
    case 'setting':
      return decide(recordedInput(decision, content));
    case 'rateLimit':
      return decideLimit(recordedLimitInput(decision, content)).judgement.verdict();
    case 'quotaPool':
      return poolVerdict(decision, content);
    case 'tombstone':
    case 'moved':
    case 'unreadable':
      return failed(decision, unreadableText(content));
    default:
      return never(content);
  }
}

/** Ids of commands bear on nothing that is decided. */
function poolVerdict(decision: Decision, content: QuotaPoolContent): Verdict {
  const { quota: facts, state, at: now, target, mode } = decision;
  if (facts === undefined) throw new InputNotRecorded('quota');
  const found = decideQuota(content, facts, now, () => '');
  const change = changesOf(found, mode).find((one) => one.target === target);
  const place = { state, facts, now };
  const judgement =
    change === undefined ? poolJudgement(found, place) : changeJudgement(change, found.text, place);
  return judgement.verdict();
}

function failed({ state, at }: Decision, text: string): Verdict {
  return failedJudgement(state, at, text).verdict();
}
