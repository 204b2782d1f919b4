import { secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import { claimsOf } from '@headroom/ports';
import type { Clock, FeedGroup, Log, PartitionLedger } from '@headroom/ports';
import { slots } from './polled-reads.ts';
import { SlotProgress } from './progress.ts';

export interface SlotMemberOptions {
  readonly ledger: PartitionLedger;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  readonly log: Log;
  /** Names this instance; no other has it, nor one before it. */
  readonly member: string;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** How often a slot is renewed; the next member opens a slot one renewal after it claimed it. */
export const renewalMs = 2 * secondMs;
/** A slot that was not renewed for so long is free. */
export const expiryMs: Millis = 6 * secondMs;

const group: FeedGroup = { hub: 'poller', consumerGroup: 'slots' };

/**
 * This instance's share of the slots: claimed and renewed in the ledger, as partitions of a hub are.
 *
 *     free ──claim──► claimed ──next round, still ours: read its checkpoint──► open ──claim fails, or no renewal──► free
 *
 * Between a claim and its opening lies a round, so that a living member from which it was taken has noticed, and has saved what
 * it had published.
 */
export class SlotMember {
  readonly #options: SlotMemberOptions;
  #claimed: ReadonlySet<string> = new Set();
  readonly #open = new Map<string, OpenSlot>();
  #renewedAtMs: Millis = -Infinity;

  constructor(options: SlotMemberOptions) {
    this.#options = options;
  }

  /** Renews, claims and opens. */
  async round(): Promise<void> {
    const { ledger, member, clock, random, log } = this.#options;
    const startedAtMs = clock.monotonicMs();
    const ownerships = await ledger.ownerships(group);
    const view = { member, partitions: slots, ownerships, expiryMs, random };
    const claims = claimsOf({ ...view, nowMs: clock.now() });
    const won = claims.length === 0 ? [] : await ledger.claim(group, claims);
    const ours = new Set(won.map(({ partition }) => partition));
    this.#renewedAtMs = startedAtMs;
    const lost = [...this.#open.keys()].filter((slot) => !ours.has(slot));
    for (const slot of lost) this.#open.delete(slot);
    const opened = [...ours].filter((slot) => this.#claimed.has(slot) && !this.#open.has(slot));
    if (opened.length > 0) await this.#openAll(opened);
    this.#claimed = ours;
    if (lost.length > 0) log.info('slots.lost', { slots: lost });
    if (opened.length > 0) log.info('slots.opened', { slots: opened });
  }

  /** Those that nobody else can have taken yet. */
  get held(): ReadonlySet<string> {
    return this.#isCurrent() ? new Set(this.#open.keys()) : new Set();
  }

  progress(slot: string): SlotProgress | undefined {
    return this.#isCurrent() ? this.#open.get(slot)?.progress : undefined;
  }

  /** False: another one has it by now. */
  async save(slot: string, at: Instant): Promise<boolean> {
    const open = this.#open.get(slot);
    if (open === undefined) return false;
    const sequence = ++open.sequence;
    const checkpoint = { partition: slot, sequence, offset: open.progress.text() };
    const saved = await this.#options.ledger.save(group, checkpoint);
    if (saved === 'saved') return true;
    this.#options.log.warn('slots.taken', { slot, at });
    if (this.#open.get(slot) === open) this.#open.delete(slot);
    return false;
  }

  /** So that others need not wait. */
  async giveUp(): Promise<void> {
    const { ledger, member } = this.#options;
    this.#open.clear();
    const owned = (await ledger.ownerships(group)).filter(({ owner }) => owner === member);
    if (owned.length === 0) return;
    await ledger.claim(
      group,
      owned.map((one) => ({ ...one, owner: '' })),
    );
  }

  async #openAll(opened: readonly string[]): Promise<void> {
    const saved = await this.#options.ledger.checkpoints(group);
    const bySlot = new Map(saved.map((one) => [one.partition, one]));
    for (const slot of opened) {
      const { sequence = 0, offset = '' } = bySlot.get(slot) ?? {};
      this.#open.set(slot, { sequence, progress: SlotProgress.of(offset) });
    }
  }

  #isCurrent(): boolean {
    return this.#options.clock.monotonicMs() - this.#renewedAtMs < expiryMs;
  }
}

interface OpenSlot {
  /** Counts the checkpoints, across owners. */
  sequence: number;
  readonly progress: SlotProgress;
}
