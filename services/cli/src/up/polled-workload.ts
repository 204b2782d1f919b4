import { after, instant, minuteMs, secondMs } from '@headroom/core';
import type { Instant, Millis, TargetId } from '@headroom/core';
import { loadOf, polledMinute } from '@headroom/demo';
import type { CustomMetric, DemoDeployment, Traffic } from '@headroom/demo';
import type { Clock, ScaleTarget } from '@headroom/ports';
import { messageOf } from '../command-failed.ts';
import { shortName } from '../text/target-name.ts';
import type { ShownEvent } from '../view/shown-event.ts';

export interface PolledParts {
  readonly deployment: DemoDeployment;
  readonly target: TargetId;
  readonly traffic: Traffic;
  /** Tells Azure Monitor a minute, and nobody else. */
  readonly tell: (target: TargetId, minute: CustomMetric) => Promise<void>;
  readonly arm: Pick<ScaleTarget, 'read'>;
  readonly clock: Clock;
  readonly show: (event: ShownEvent) => void;
}

const tickMs: Millis = secondMs;
/** Minutes that wait for an Azure Monitor that does not answer; it takes none that are older than 20. */
const backlogMax = 15;

/** Plays an application that sends nothing anywhere: Azure Monitor alone knows, minute by minute, how its instances do. */
export class PolledWorkload {
  readonly #parts: PolledParts;
  readonly #startedAt: Instant;
  #instances: number;
  #nextMinute: Instant;
  #backlog: CustomMetric[] = [];
  #isAway = false;

  constructor(parts: PolledParts) {
    const now = parts.clock.now();
    this.#parts = parts;
    this.#startedAt = now;
    this.#instances = parts.deployment.instances;
    this.#nextMinute = instant(Math.floor(now / minuteMs) * minuteMs);
  }

  /** What lies in Azure Monitor before anybody asks: so many minutes, on the instances that are there. */
  async tellHistory(minutes: number): Promise<void> {
    await this.#readCapacity();
    for (let ago = minutes; ago > 0; ago--)
      this.#endMinute(after(this.#nextMinute, -ago * minuteMs));
    await this.#tell();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      await this.#readCapacity();
      while (this.#nextMinute + minuteMs <= clock.now()) {
        this.#showMinute(this.#endMinute(this.#nextMinute));
        this.#nextMinute = after(this.#nextMinute, minuteMs);
      }
      await this.#tell();
      await clock.wait(tickMs - (clock.now() % tickMs), signal);
    }
  }

  async #readCapacity(): Promise<void> {
    try {
      const reading = await this.#parts.arm.read(this.#parts.target);
      if (reading.kind === 'capacity') this.#instances = reading.instances;
    } catch {
      // ARM is away for a moment: the instances go on serving.
    }
  }

  #endMinute(start: Instant) {
    const { traffic, deployment } = this.#parts;
    const load = loadOf(traffic(start + minuteMs / 2 - this.#startedAt), this.#instances);
    this.#backlog.push(polledMinute(deployment, load, start));
    return load;
  }

  #showMinute({ cpuPercent, instances }: ReturnType<typeof loadOf>): void {
    const name = shortName(this.#parts.target);
    const text = `${name}: a minute of CPU at ${cpuPercent.toFixed(0)} % on ${instances} instances, known to Azure Monitor alone`;
    this.#parts.show({ kind: 'step', text });
  }

  async #tell(): Promise<void> {
    const { target, tell, show } = this.#parts;
    this.#backlog = this.#backlog.slice(-backlogMax);
    try {
      for (let next = this.#backlog[0]; next !== undefined; next = this.#backlog[0]) {
        await tell(target, next);
        this.#backlog.shift();
      }
      this.#isAway = false;
    } catch (error) {
      const text = `minutes of ${shortName(target)} wait: ${messageOf(error)}`;
      if (!this.#isAway) show({ kind: 'warning', text });
      this.#isAway = true;
    }
  }
}
