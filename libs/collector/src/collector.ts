import { secondMs } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import { BackOff } from './back-off.ts';
import type { CollectorOptions, CollectorPorts } from './collector-ports.ts';
import { batchCallsPerHourMax, callsPerMinuteOf, estimateOf, takenCalls } from './estimate.ts';
import type { Estimate } from './estimate.ts';
import type { Batch, Plan } from './plan.ts';
import { Planner } from './planner.ts';
import type { Planned } from './planner.ts';
import type { PolledRead } from './polled-reads.ts';
import { asksNow, poll } from './poll.ts';
import type { Polling } from './poll.ts';
import { Refusals } from './refusals.ts';
import { renewalMs, SlotMember } from './slot-member.ts';
import { statusOf } from './status.ts';
import type { CollectorStatus } from './status.ts';
import { Tally } from './tally.ts';

export interface Collector {
  /** Asks and publishes until `signal` aborts; then it gives its slots up. Rejects when it cannot go on. */
  run(signal: AbortSignal): Promise<void>;
  status(): CollectorStatus;
}

/**
 * Brings to the hub `metrics` what Azure Monitor knows of the metrics that settings ask for. Each minute each batch is asked
 * for, at its own second, for the grains that are over and those that may still change; what is new, or has other numbers, is
 * published. What was never asked for is asked for at once, as far back as its rules look.
 */
export function createCollector(ports: CollectorPorts, options: CollectorOptions): Collector {
  let running = new Running(ports, options);
  return {
    // One that failed is begun anew by who runs it, with nothing of what it held.
    run: (signal) => (running = new Running(ports, options)).run(signal),
    status: () => running.status(),
  };
}

const beatMs = secondMs;
/** Calls at once. */
const concurrentMax = 4;

/** How a batch stands, from one plan to the next. */
interface Standing {
  lastRound: number;
  isBusy: boolean;
  /** Counts the plans that brought it reads of slots that were not ours. */
  takeovers: number;
}

const neverAsked: Standing = { lastRound: -Infinity, isBusy: false, takeovers: 0 };

class Running {
  readonly #ports: CollectorPorts;
  readonly #price: number;
  readonly #planner: Planner;
  readonly #polling: Polling;
  readonly #standings = new Map<string, Standing>();
  readonly #inHand = new Set<Promise<void>>();
  readonly #fatal = Promise.withResolvers<never>();
  #planning: Promise<void> | undefined;
  #plan: Plan | undefined;
  /** Those that the plan was made for. */
  #slots: ReadonlySet<string> = new Set();
  #estimate: Estimate | undefined;
  /** Calls a minute that were told last. */
  #toldCalls = 0;
  /** Those that were told. */
  #unplaced: ReadonlySet<string> = new Set();

  constructor(ports: CollectorPorts, options: CollectorOptions) {
    const { member, price, random } = options;
    const { ledger, clock, log } = ports;
    this.#ports = ports;
    this.#price = price;
    this.#planner = new Planner(ports, options);
    this.#polling = {
      ports,
      member: new SlotMember({ ledger, clock, log, member, random }),
      refusals: new Refusals(),
      tally: new Tally(),
      backOffs: new Map(),
      publishing: new BackOff(),
    };
    // Heard by `run`; a second one changes nothing.
    this.#fatal.promise.catch(() => undefined);
  }

  async run(signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const both = AbortSignal.any([signal, ending.signal]);
    const unsubscribe = this.#ports.settings.subscribe((list) => this.#planner.update(list));
    const beats = Promise.all([this.#keepSlots(both), this.#keepAsking(both)]);
    try {
      await Promise.race([beats, this.#fatal.promise]);
    } finally {
      unsubscribe();
      ending.abort();
      await Promise.allSettled([beats, ...this.#inHand]);
      await this.#giveUp();
    }
  }

  status(): CollectorStatus {
    return statusOf({
      polling: this.#polling,
      planner: this.#planner,
      plan: this.#plan,
      estimate: this.#estimate,
      now: this.#ports.clock.now(),
    });
  }

  async #keepSlots(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    while (!signal.aborted) {
      try {
        await this.#polling.member.round();
      } catch (error) {
        if (!(error instanceof DependencyUnavailable)) throw error;
        log.warn('slots.unavailable', { error: error.message });
      }
      await clock.wait(renewalMs, signal);
    }
  }

  async #keepAsking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#planning ??= this.#replan(signal);
      this.#startDue(signal);
      await this.#ports.clock.wait(beatMs, signal);
    }
    await this.#planning;
  }

  /** Beside the rounds: the regions of new resources may take Resource Manager minutes. */
  async #replan(signal: AbortSignal): Promise<void> {
    try {
      const planned = await this.#planner.plan(this.#polling.member.held);
      if (planned === undefined || signal.aborted) return;
      this.#take(planned);
      this.#startDue(signal);
    } catch (error) {
      this.#fatal.reject(error);
    } finally {
      this.#planning = undefined;
    }
  }

  #startDue(signal: AbortSignal): void {
    for (const batch of this.#plan?.batches ?? []) {
      if (this.#inHand.size >= concurrentMax) return;
      const standing = this.#standings.get(batch.id);
      if (standing === undefined || standing.isBusy || !this.#mayAsk(batch)) continue;
      const now = this.#ports.clock.now();
      const round = Math.floor((now - batch.phaseMs) / batch.intervalMs);
      const isRound = round > standing.lastRound;
      if (asksNow(this.#polling, batch, now, isRound).length === 0) continue;
      this.#start(batch, standing, isRound ? round : undefined, signal);
    }
  }

  #mayAsk({ region }: Batch): boolean {
    const now = this.#ports.clock.now();
    if (this.#polling.publishing.problem !== undefined) return false;
    return this.#polling.backOffs.get(region)?.mayAsk(now) ?? true;
  }

  #start(batch: Batch, standing: Standing, round: number | undefined, signal: AbortSignal): void {
    standing.isBusy = true;
    const { takeovers } = standing;
    const asked = poll(this.#polling, batch, round !== undefined, signal)
      .then((done) => {
        const isWhole = done && takeovers === standing.takeovers;
        if (isWhole && round !== undefined) standing.lastRound = round;
        this.#tellMoreCalls();
      })
      .catch((error: unknown) => this.#fatal.reject(error))
      .finally(() => {
        standing.isBusy = false;
        this.#inHand.delete(asked);
      });
    this.#inHand.add(asked);
  }

  #take({ plan, reads, slots }: Planned): void {
    const { tally, refusals } = this.#polling;
    const ids = new Set(plan.batches.map(({ id }) => id));
    for (const id of this.#standings.keys()) if (!ids.has(id)) this.#standings.delete(id);
    for (const { id, reads: own } of plan.batches) {
      const standing = this.#standings.get(id) ?? { ...neverAsked };
      this.#standings.set(id, standing);
      if (own.every(({ slot }) => this.#slots.has(slot))) continue;
      // What was taken over is asked for at once: nobody may have asked for it for a while.
      standing.lastRound = -Infinity;
      standing.takeovers++;
    }
    this.#slots = slots;
    tally.keep(new Set(reads.map(({ key }) => key)), ids);
    refusals.keep(new Set(reads.map(({ resource }) => resource)));
    this.#forget(reads, slots);
    this.#plan = plan;
    this.#tellEstimate(plan, slots.size);
  }

  /** What nobody asks for any more need not be in the checkpoints. */
  #forget(reads: readonly PolledRead[], slots: ReadonlySet<string>): void {
    const bySlot = Map.groupBy(reads, ({ slot }) => slot);
    for (const slot of slots) {
      const keys = new Set(bySlot.get(slot)?.map(({ key }) => key));
      this.#polling.member.progress(slot)?.keep(keys);
    }
  }

  #tellEstimate(plan: Plan, slots: number): void {
    const estimate = estimateOf(plan, this.#price);
    const isOther = JSON.stringify(estimate) !== JSON.stringify(this.#estimate);
    this.#estimate = estimate;
    if (isOther && estimate.callsPerHourMax > batchCallsPerHourMax) {
      const { callsPerHourMax } = estimate;
      this.#ports.log.warn('poll.beyond-limit', { callsPerHourMax, limit: batchCallsPerHourMax });
    }
    if (isOther) {
      this.#ports.log.info('poll.planned', { ...estimate, slots });
      this.#toldCalls = estimate.callsPerMinute;
    }
    const unplaced = plan.unplaced.filter((resource) => !this.#unplaced.has(resource));
    if (unplaced.length > 0) this.#ports.log.warn('poll.unplaced', { resources: unplaced });
    this.#unplaced = new Set(plan.unplaced);
  }

  /** Where the right to the batch is missing, the source asks for each resource by itself: told again when it has doubled. */
  #tellMoreCalls(): void {
    const [plan, planned] = [this.#plan, this.#estimate?.callsPerMinute];
    if (plan === undefined || planned === undefined) return;
    const callsOf = takenCalls(this.#polling.tally);
    const calls = callsPerMinuteOf(plan.batches, callsOf);
    if (calls <= planned || calls < 2 * this.#toldCalls) return;
    const { callsPerMinute, callsPerMonth, costPerMonth } = estimateOf(plan, this.#price, callsOf);
    this.#toldCalls = callsPerMinute;
    const taken = { planned, callsPerMinute, callsPerMonth, costPerMonth };
    this.#ports.log.warn('poll.more-calls', taken);
  }

  async #giveUp(): Promise<void> {
    try {
      await this.#polling.member.giveUp();
    } catch (error) {
      // They are free by themselves when nobody renews them.
      this.#ports.log.warn('slots.not-given-up', { error });
    }
  }
}
