import type { Instant } from '../lang/instant.ts';
import type { SettingContent } from '../setting/autoscale-setting.ts';
import type { TargetState } from './decision.ts';
import { Judgement } from './judgement.ts';

/** Longest error text that a record keeps. */
const errorTextMax = 500;

/** An error inside one setting holds that setting. */
export function failedJudgement(state: TargetState, now: Instant, text: string): Judgement {
  const judgement = new Judgement(state, undefined, now, true);
  judgement.note('error', () => text.slice(0, errorTextMax));
  return judgement.hold('Error');
}

/** Why nothing can be decided with a content that is no setting. */
export function unreadableText(content: SettingContent): string {
  switch (content.kind) {
    case 'unreadable':
      return content.problems.join('; ');
    case 'tombstone':
      return 'the setting was deleted';
    case 'moved':
      return `the setting belongs to the group ${content.group} now`;
    default:
      return `this version of the code does not decide on a ${content.kind} here: upgrade it, or apply an autoscale setting`;
  }
}
