import type { Instant } from '../lang/instant.ts';
import type { TopicMessage } from '../audit/record.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import { checkAt } from '../ratelimit/check-time.ts';
import { decideLimit } from '../ratelimit/decide-limit.ts';
import type { LimitJudgement } from '../ratelimit/decide-limit.ts';
import { baseTps } from '../ratelimit/limit-bounds.ts';
import { isGone } from '../setting/group.ts';
import { projectionOf } from '../setting/rate-limit-policy.ts';
import type { RateLimitContent } from '../setting/autoscale-setting.ts';
import type { AccountEntry } from './account-entry.ts';
import type { LimitTarget } from './limit-target.ts';
import { readMessage, record } from './record.ts';
import type { EvaluationPlace, Subject } from './record.ts';
import { readPatienceMs } from '../decision/guards.ts';
import { evaluationPeriodMs, evaluationSpacingMs } from './turn.ts';

/** Decides on every limit of an account and adds to `messages` what goes to the topic. Answers when to look again. */
export function evaluateAccount(
  entry: AccountEntry,
  place: EvaluationPlace,
  messages: TopicMessage[],
): Instant {
  entry.lastEvaluatedAt = place.now;
  const { content } = entry;
  let dueAt = place.now + evaluationPeriodMs;
  for (const limit of entry.limits.values()) {
    if (content === undefined) hold(entry, limit, place, messages);
    else dueAt = Math.min(dueAt, evaluateLimit(entry, content, limit, place, messages));
  }
  return Math.max(place.now + evaluationSpacingMs, dueAt) as Instant;
}

function evaluateLimit(
  entry: AccountEntry,
  content: RateLimitContent,
  limit: LimitTarget,
  place: EvaluationPlace,
  messages: TopicMessage[],
): number {
  const { version } = entry;
  const { mode, auditLevel } = content.policy;
  const subject = { scaled: limit, version, mode, auditLevel };
  const decide = (inWords: boolean) => decideOrHold(entry, content, limit, place.now, inWords);
  const found = decide(false);
  const inWords = () => decide(true).judgement.verdict();
  record(subject, found.judgement, inWords, place, messages);
  if (found.wantsProjection) askProjection(content, subject, place, messages);
  limit.judged(found, place.now);
  return dueAtOf(content, limit, found);
}

/** An error inside one limit holds that limit, never the partition. */
function decideOrHold(
  entry: AccountEntry,
  content: RateLimitContent,
  limit: LimitTarget,
  now: Instant,
  inWords: boolean,
): LimitJudgement {
  try {
    return decideLimit(entry.input(content, limit, now), inWords);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const judgement = failedJudgement(limit.state, now, text);
    return { judgement, checked: false, answered: false, wantsProjection: false };
  }
}

function askProjection(
  { policy }: RateLimitContent,
  subject: Subject,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  const query = projectionOf(policy.capacity);
  if (query !== undefined) messages.push(readMessage(subject, place, query));
}

function dueAtOf(
  { policy }: RateLimitContent,
  limit: LimitTarget,
  { judgement, checked }: LimitJudgement,
): number {
  let dueAt: number = judgement.dueAt ?? Infinity;
  const isRaised = (judgement.after ?? 0) > baseTps(limit.rule, policy);
  if (checked && (limit.seen.blocked > 0 || isRaised)) {
    dueAt = Math.min(dueAt, checkAt(limit.seen, policy.pace));
  }
  if (judgement.wantsCapacity && limit.readAskedAt !== undefined) {
    dueAt = Math.min(dueAt, limit.readAskedAt + readPatienceMs);
  }
  return dueAt;
}

/** What cannot be read by this version of the code is held; what was deleted says nothing. */
function hold(
  { version }: AccountEntry,
  limit: LimitTarget,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  if (isGone(version)) return;
  const found = failedJudgement(limit.state, place.now, unreadableText(version.content));
  const subject = { scaled: limit, version, mode: 'observe', auditLevel: 'changes' } as const;
  record(subject, found, () => found.verdict(), place, messages);
}
