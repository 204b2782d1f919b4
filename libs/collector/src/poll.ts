import { assert } from '@headroom/core';
import type { Instant, Sample } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { MetricAnswer } from '@headroom/ports';
import { advance, answeredReads, newestEndOf, newSamples, progressOf } from './answered.ts';
import type { AnsweredRead } from './answered.ts';
import { asksOf } from './asks.ts';
import type { Ask } from './asks.ts';
import { BackOff } from './back-off.ts';
import type { CollectorPorts } from './collector-ports.ts';
import type { Batch } from './plan.ts';
import { notePublished } from './progress.ts';
import type { Refusals } from './refusals.ts';
import type { SlotMember } from './slot-member.ts';
import type { Tally } from './tally.ts';

export interface Polling {
  readonly ports: Pick<CollectorPorts, 'source' | 'publisher' | 'clock' | 'log'>;
  readonly member: SlotMember;
  readonly refusals: Refusals;
  readonly tally: Tally;
  /** One a region: what serves one says nothing of another. */
  readonly backOffs: Map<string, BackOff>;
  /** Of the hub and the ledger. */
  readonly publishing: BackOff;
}

/**
 * Asks for what is due of a batch, and publishes what is new. An outage loses nothing: what was not published is asked for
 * again, as far back as the windows reach. Says whether everything was answered.
 */
export async function poll(
  polling: Polling,
  batch: Batch,
  isRound: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock } = polling.ports;
  for (const ask of asksNow(polling, batch, clock.now(), isRound)) {
    const answer = await answerTo(polling, batch, ask);
    if (answer === undefined) return false;
    if (!(await take(polling, ask, answer, signal))) return false;
  }
  return true;
}

/** What would be asked: nothing of slots that are not ours, nor what was refused a moment ago. */
export function asksNow(
  { member, refusals }: Pick<Polling, 'member' | 'refusals'>,
  batch: Batch,
  now: Instant,
  isRound: boolean,
): readonly Ask[] {
  const { held } = member;
  const reads = batch.reads.filter((read) => held.has(read.slot) && !refusals.isWaiting(read, now));
  return asksOf({ ...batch, reads }, now, isRound, ({ slot, key }) => {
    return member.progress(slot)?.of(key);
  });
}

async function answerTo(
  { ports: { source, clock, log }, tally, backOffs }: Polling,
  batch: Batch,
  ask: Ask,
): Promise<MetricAnswer | undefined> {
  const { region, namespace } = batch;
  const backOff = backOffs.get(region) ?? new BackOff();
  backOffs.set(region, backOff);
  try {
    const answer = await source.read(ask.read);
    if (backOff.answered()) log.info('poll.answered-again', { region });
    tally.answered(batch, ask, answer);
    return answer;
  } catch (error) {
    if (!(error instanceof DependencyUnavailable)) throw error;
    const waitMs = backOff.failed(error, clock.now());
    log.warn('poll.unavailable', { region, namespace, waitMs, error: error.message });
    return undefined;
  }
}

async function take(
  polling: Polling,
  ask: Ask,
  answer: MetricAnswer,
  signal: AbortSignal,
): Promise<boolean> {
  noteRefusals(polling, ask, answer);
  const bySlot = Map.groupBy(answeredReads(ask, answer), ({ read }) => read.slot);
  for (const [slot, answered] of bySlot) {
    if (!(await publishSlot(polling, slot, answered, signal))) return false;
  }
  polling.tally.newest(ask, newestEndOf(answer.samples));
  return true;
}

function noteRefusals({ ports, refusals }: Polling, ask: Ask, { refused }: MetricAnswer): void {
  for (const { read } of ask.wanted) refusals.clear(read);
  for (const refusal of refused) {
    if (refusals.add(refusal, ports.clock.now())) ports.log.warn('poll.refused', { ...refusal });
  }
}

/** To the hub first, then to the checkpoint: killed in between, it is sent again, and counts once. */
async function publishSlot(
  polling: Polling,
  slot: string,
  answered: readonly AnsweredRead[],
  signal: AbortSignal,
): Promise<boolean> {
  const { member, tally, ports } = polling;
  const progress = member.progress(slot);
  if (progress === undefined) return false;
  const fresh = newSamples(answered, progress);
  if (fresh.length > 0) {
    const samples = fresh.map(([, sample]) => sample);
    if (!(await published(polling, slot, samples, signal))) return false;
    const spans = new Map(answered.map((one) => [one.read, one]));
    for (const [read, sample] of fresh) {
      const span = spans.get(read);
      assert(span !== undefined, 'a sample belongs to a read that was answered');
      notePublished(progressOf(progress, span), sample);
    }
    tally.published += samples.length;
  }
  for (const one of answered) advance(progress, one);
  if (fresh.length === 0) return true;
  return patiently(polling, slot, () => member.save(slot, ports.clock.now()), signal);
}

function published(
  polling: Polling,
  slot: string,
  samples: readonly Sample[],
  signal: AbortSignal,
): Promise<boolean> {
  const send = async () => {
    await polling.ports.publisher.publish(samples, { path: 'poll', key: `poller/${slot}` });
    return true;
  };
  return patiently(polling, slot, send, signal);
}

/**
 * Until it is done; nothing more is asked of Azure meanwhile than what is in hand. False: the slot is another's by now, or this
 * instance is to end.
 */
async function patiently(
  { ports: { clock, log }, member, publishing }: Polling,
  slot: string,
  work: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted && member.held.has(slot)) {
    try {
      const done = await work();
      if (publishing.answered()) log.info('poll.published-again', {});
      return done;
    } catch (error) {
      if (!(error instanceof DependencyUnavailable)) throw error;
      const waitMs = publishing.failed(error, clock.now());
      log.warn('poll.not-published', { slot, waitMs, error: error.message });
      await clock.wait(waitMs, signal);
    }
  }
  // Nobody waits for it here any more: the next who publishes finds out.
  publishing.answered();
  return false;
}
