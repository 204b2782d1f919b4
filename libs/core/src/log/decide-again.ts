import { never } from '../lang/assert.ts';
import { decide } from '../decision/decide.ts';
import type { Decision, Verdict } from '../decision/decision.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import { InputNotRecorded, recordedInput } from '../decision/recorded.ts';
import type { SettingContent } from '../setting/autoscale-setting.ts';
import { decideLimit } from '../ratelimit/decide-limit.ts';
import { recordedLimitInput } from '../ratelimit/recorded.ts';

/**
 * What this code makes of a decision's recorded inputs; `content` is the version of the setting that it names. An error
 * holds, as it does in the log. Throws `InputNotRecorded` where the inputs do not suffice.
 */
export function decideAgain(decision: Decision, content: SettingContent): Verdict {
  try {
    return verdictOf(decision, content);
  } catch (error) {
    if (error instanceof InputNotRecorded) throw error;
    return failed(decision, error instanceof Error ? error.message : String(error));
  }
}

function verdictOf(decision: Decision, content: SettingContent): Verdict {
  switch (content.kind) {
    case 'setting':
      return decide(recordedInput(decision, content));
    case 'rateLimit':
      return decideLimit(recordedLimitInput(decision, content)).judgement.verdict();
    case 'quotaPool':
    case 'tombstone':
    case 'moved':
    case 'unreadable':
      return failed(decision, unreadableText(content));
    default:
      return never(content);
  }
}

function failed({ state, at }: Decision, text: string): Verdict {
  return failedJudgement(state, at, text).verdict();
}
