import { after, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { TopicMessage } from '../audit/record.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import type { Change, QuotaFacts } from '../decision/quota-facts.ts';
import type { Advanced } from '../ratelimit/quota/advance.ts';
import { decideQuota } from '../ratelimit/quota/decide-quota.ts';
import type { QuotaPoolContent } from '../setting/autoscale-setting.ts';
import { isGone } from '../setting/group.ts';
import type { PoolEntry } from './pool-entry.ts';
import { changeJudgement, changesOf, poolJudgement } from './pool-judgements.ts';
import { commandIdFor, readMessage, record } from './record.ts';
import type { EvaluationPlace, Subject } from './record.ts';
import { ScaledTarget } from './scaled-target.ts';

/** A pool is looked at as often when nothing came: what it waits for is a matter of seconds. */
const evaluationPeriodMs = 5 * secondMs;

/** Decides on a quota pool and adds to `messages` what goes to the topic. Answers when to look again. */
export function evaluatePool(
  entry: PoolEntry,
  place: EvaluationPlace,
  messages: TopicMessage[],
): Instant {
  entry.lastEvaluatedAt = place.now;
  if (entry.content === undefined) hold(entry, place, messages);
  else advance(entry, entry.content, place, messages);
  return after(place.now, evaluationPeriodMs);
}

function advance(
  entry: PoolEntry,
  content: QuotaPoolContent,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  const { version, told } = entry;
  const { mode, auditLevel } = content.policy;
  const { now } = place;
  const subject: Subject = { scaled: told, version, mode, auditLevel };
  const facts = entry.facts(now);
  told.state = { capacity: wholeOf(facts, now) };
  let found: Advanced;
  try {
    found = decideQuota(content, facts, now, (target, kind) =>
      commandIdFor(target, version, place, kind),
    );
  } catch (error) {
    // An error inside one pool holds that pool, never the partition.
    const text = error instanceof Error ? error.message : String(error);
    const failed = failedJudgement(told.state, now, text);
    record(subject, failed, () => failed.verdict(), place, messages);
    return;
  }
  entry.state = found.state;
  // A move on its way is brought to its end: stopped halfway it would leave quota to others.
  const acting = facts.state.move === undefined ? mode : 'act';
  const changes = changesOf(found, acting);
  // Changes speak for themselves.
  if (changes.length === 0) {
    const judgement = poolJudgement(found, { state: told.state, facts, now });
    record(subject, judgement, () => judgement.verdict(), place, messages);
  }
  for (const change of changes)
    recordChange(
      change,
      { subject: { ...subject, mode: acting }, facts, text: found.text },
      place,
      messages,
    );
  for (const ask of found.asks) {
    if (ask.kind === 'scale') continue;
    const scaled = ask.kind === 'readFree' ? told : new ScaledTarget(ask.target);
    messages.push(readMessage({ ...subject, scaled }, place));
  }
}

/** What the pool has altogether: its deployments' capacities. */
function wholeOf({ state }: QuotaFacts, observedAt: Instant): ScaledTarget['state']['capacity'] {
  let instances = 0;
  for (const { capacity } of state.members) {
    if (capacity === undefined) return { kind: 'unknown' };
    instances += capacity;
  }
  return { kind: 'known', instances, observedAt };
}

interface Recorded {
  readonly subject: Subject;
  readonly facts: QuotaFacts;
  readonly text: string;
}

function recordChange(
  change: Change,
  { subject, facts, text }: Recorded,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  const { now } = place;
  const scaled = new ScaledTarget(change.target);
  scaled.state = { capacity: { kind: 'known', instances: change.from, observedAt: now } };
  const judgement = changeJudgement(change, text, { state: scaled.state, facts, now });
  record({ ...subject, scaled }, judgement, () => judgement.verdict(), place, messages);
}

function hold(
  { version, told }: PoolEntry,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  if (isGone(version)) return;
  const found = failedJudgement(told.state, place.now, unreadableText(version.content));
  const subject = { scaled: told, version, mode: 'observe', auditLevel: 'changes' } as const;
  record(subject, found, () => found.verdict(), place, messages);
}
