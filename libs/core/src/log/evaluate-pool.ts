import { after, secondMs } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import type { TopicMessage } from '../audit/record.ts';
import { failedJudgement, unreadableText } from '../decision/failed-judgement.ts';
import { Judgement } from '../decision/judgement.ts';
import type { Change, QuotaFacts } from '../decision/quota-facts.ts';
import type { Advanced, Ask } from '../ratelimit/quota/advance.ts';
import { decideQuota } from '../ratelimit/quota/decide-quota.ts';
import type { QuotaPoolContent } from '../setting/autoscale-setting.ts';
import { isGone } from '../setting/group.ts';
import type { PoolEntry } from './pool-entry.ts';
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
  const judgement = poolJudgement(subject, facts, found, now);
  record(subject, judgement, () => judgement.verdict(), place, messages);
  const changes = mode === 'act' ? found.asks.flatMap(changeOf) : changesOf(found);
  for (const change of changes)
    recordChange(change, { subject, facts, text: found.text }, place, messages);
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

/** Of the pool itself nothing is raised or lowered: what it does are its deployments' changes. */
function poolJudgement(
  { scaled }: Subject,
  facts: QuotaFacts,
  found: Advanced,
  now: Instant,
): Judgement {
  const judgement = new Judgement(scaled.state, undefined, now, true);
  judgement.quota = facts;
  judgement.note('quota', () => found.text);
  return judgement.hold(found.reason);
}

function changeOf(ask: Ask): readonly Change[] {
  return ask.kind === 'scale' ? [ask.change] : [];
}

function changesOf({ began }: Advanced): readonly Change[] {
  return began === undefined ? [] : [...began.downs, ...began.ups];
}

interface Recorded {
  readonly subject: Subject;
  readonly facts: QuotaFacts;
  readonly text: string;
}

/** A deployment's change is a decision of its own, with the pool's facts as its inputs. */
function recordChange(
  { target, from, to }: Change,
  { subject, facts, text }: Recorded,
  place: EvaluationPlace,
  messages: TopicMessage[],
): void {
  const scaled = new ScaledTarget(target);
  scaled.state = { capacity: { kind: 'known', instances: from, observedAt: place.now } };
  const judgement = new Judgement(scaled.state, undefined, place.now, true);
  judgement.quota = facts;
  judgement.note('quota', () => text);
  judgement.act('QuotaMoved', to);
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
