import { after, instant, minuteMs } from '@headroom/core';
import type { Instant, SettingVersion, TargetId } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import { BackOff } from './back-off.ts';
import type { CollectorOptions, CollectorPorts } from './collector-ports.ts';
import { planOf } from './plan.ts';
import type { Plan } from './plan.ts';
import { polledReads } from './polled-reads.ts';
import type { PolledRead } from './polled-reads.ts';

/** Resources whose region could not be had are asked about again after so long. */
const unplacedAgainMs = 10 * minuteMs;

/** A plan, and what it was made of. */
export interface Planned {
  readonly plan: Plan;
  readonly reads: readonly PolledRead[];
  readonly slots: ReadonlySet<string>;
}

/** The plan for the settings as they are and the slots that are ours. */
export class Planner {
  readonly #ports: Pick<CollectorPorts, 'source' | 'clock' | 'log'>;
  readonly #isSkipped: CollectorOptions['isSkipped'];
  readonly #versions = new Map<TargetId, SettingVersion>();
  readonly #backOff = new BackOff();
  #isKnown = false;
  #isStale = true;
  #plannedSlots = '';
  #againAt = instant(Infinity);

  constructor(
    ports: Pick<CollectorPorts, 'source' | 'clock' | 'log'>,
    { isSkipped }: Pick<CollectorOptions, 'isSkipped'>,
  ) {
    this.#ports = ports;
    this.#isSkipped = isSkipped;
  }

  /** The settings, or what changed of them. */
  update(versions: readonly SettingVersion[]): void {
    for (const version of versions) {
      const known = this.#versions.get(version.target);
      if (known !== undefined && known.version >= version.version) continue;
      this.#versions.set(version.target, version);
      this.#isStale = true;
    }
    this.#isKnown = true;
  }

  /** A plan where there is a new one to make and everything that it takes is known. */
  async plan(slots: ReadonlySet<string>): Promise<Planned | undefined> {
    // None for now: what was planned waits.
    if (slots.size === 0) return undefined;
    const now = this.#ports.clock.now();
    const names = [...slots].toSorted().join(' ');
    if (!this.#isDue(now, names)) return undefined;
    const reads = polledReads(this.#versions.values()).filter(
      ({ slot, resource }) => slots.has(slot) && !this.#isSkipped(resource),
    );
    // What changes while the regions are asked for makes the plan stale again.
    this.#isStale = false;
    const regions = await this.#regionsOf(reads, now);
    if (regions === undefined) {
      this.#isStale = true;
      return undefined;
    }
    const plan = planOf(reads, regions);
    this.#plannedSlots = names;
    this.#againAt = plan.unplaced.length > 0 ? after(now, unplacedAgainMs) : instant(Infinity);
    return { plan, reads, slots };
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  get problem(): string | undefined {
    return this.#backOff.problem;
  }

  #isDue(now: Instant, slots: string): boolean {
    if (!this.#isKnown || !this.#backOff.mayAsk(now)) return false;
    return this.#isStale || slots !== this.#plannedSlots || now >= this.#againAt;
  }

  async #regionsOf(
    reads: readonly PolledRead[],
    now: Instant,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const resources = [...new Set(reads.map(({ resource }) => resource))];
    try {
      const regions = await this.#ports.source.regionsOf(resources);
      this.#backOff.answered();
      return regions;
    } catch (error) {
      if (!(error instanceof DependencyUnavailable)) throw error;
      const waitMs = this.#backOff.failed(error, now);
      this.#ports.log.warn('poll.regions-unavailable', { waitMs, error: error.message });
      return undefined;
    }
  }
}
