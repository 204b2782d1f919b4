import { instant, isoOf, type Instant, type Millis, type TargetId } from '@headroom/core';
import { encodeRecords, loadOf, metricRecords, pushGrainMs } from '@headroom/demo';
import type { DemoDeployment, Traffic } from '@headroom/demo';
import type { MetricPublisher } from '@headroom/azure-event-hubs';
import type { Clock, ScaleTarget } from '@headroom/ports';
import { messageOf } from '../command-failed.ts';
import type { ShownCapacity, ShownEvent } from '../view/shown-event.ts';

export interface WorkloadParts {
  readonly deployment: DemoDeployment;
  readonly target: TargetId;
  readonly traffic: Traffic;
  readonly publisher: MetricPublisher;
  readonly arm: Pick<ScaleTarget, 'read'>;
  readonly clock: Clock;
  readonly show: (event: ShownEvent) => void;
}

/** How often the capacity is asked and the load is shown. */
const tickMs: Millis = 1000;
/** Grains that wait for a hub that does not answer: 5 minutes. Older ones are dropped, and said to be. */
export const backlogMax = 60;

/**
 * Plays the application: follows the traffic, feels the load on the instances that ARM says are there, and pushes its
 * metrics when a grain has ended. Resolves when `signal` aborts.
 */
export class Workload {
  readonly #parts: WorkloadParts;
  readonly #startedAt: Instant;
  #capacity: ShownCapacity;
  #nextGrain: Instant;
  #backlog: Uint8Array[] = [];
  #sending: Promise<void> | undefined;
  #hubAway = false;

  constructor(parts: WorkloadParts) {
    const now = parts.clock.now();
    this.#parts = parts;
    this.#startedAt = now;
    this.#capacity = { instances: parts.deployment.instances, busy: false };
    this.#nextGrain = grainOf(now);
  }

  /** As ARM said last. */
  get capacity(): ShownCapacity {
    return this.#capacity;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      await this.#readCapacity();
      const now = clock.now();
      this.#showLoad(now);
      this.#endGrains(now);
      this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
      await clock.wait(tickMs - (clock.now() % tickMs), signal);
    }
    await this.#sending;
  }

  async #readCapacity(): Promise<void> {
    try {
      const reading = await this.#parts.arm.read(this.#parts.target);
      if (reading.kind !== 'capacity') return;
      this.#capacity = { instances: reading.instances, busy: reading.busy };
    } catch {
      // ARM is away for a moment: the instances go on serving.
    }
  }

  #showLoad(at: Instant): void {
    const { requestsPerS, cpuPercent, latencyMs } = this.#loadAt(at);
    const { target, show } = this.#parts;
    const capacity = this.#capacity;
    show({ kind: 'load', at, target, requestsPerS, cpuPercent, latencyMs, capacity });
  }

  #endGrains(now: Instant): void {
    for (; this.#nextGrain + pushGrainMs <= now; this.#nextGrain = nextGrain(this.#nextGrain)) {
      const load = this.#loadAt(instant(this.#nextGrain + pushGrainMs / 2));
      this.#backlog.push(
        encodeRecords(metricRecords(this.#parts.deployment, load, this.#nextGrain)),
      );
    }
    const dropped = this.#backlog.length - backlogMax;
    if (dropped <= 0) return;
    this.#backlog = this.#backlog.slice(dropped);
    const text = `the hub takes nothing: the metrics of ${dropped} grains up to ${isoOf(now)} are lost`;
    this.#parts.show({ kind: 'warning', text });
  }

  /** What is not taken is sent again with the next grain: a sample that comes twice counts once. */
  async #send(): Promise<void> {
    const bodies = [...this.#backlog];
    if (bodies.length === 0) return;
    try {
      await this.#parts.publisher.publish(bodies, 'push');
      this.#backlog = this.#backlog.filter((body) => !bodies.includes(body));
      this.#hubAway = false;
    } catch (error) {
      const text = `metrics wait, the hub does not answer: ${messageOf(error)}`;
      if (!this.#hubAway) this.#parts.show({ kind: 'warning', text });
      this.#hubAway = true;
    }
  }

  #loadAt(at: Instant) {
    const elapsedMs = Math.max(0, at - this.#startedAt);
    return loadOf(this.#parts.traffic(elapsedMs), this.#capacity.instances);
  }
}

function grainOf(at: Instant): Instant {
  return instant(Math.floor(at / pushGrainMs) * pushGrainMs);
}

function nextGrain(grain: Instant): Instant {
  return instant(grain + pushGrainMs);
}
