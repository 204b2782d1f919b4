import { expect } from '@jest/globals';
import { secondMs } from '@headroom/core';
import type { LogEvent, Outcome, ScaleCommand, SettingContent } from '@headroom/core';
import type { Log, Projection } from '@headroom/ports';
import {
  MemoryLimits,
  MemoryLog,
  MemoryOperations,
  MemoryQueue,
  MemorySettings,
  MemoryTarget,
  MemoryTopic,
  VirtualClock,
} from '@headroom/memory';
import { createApplier } from './applier.ts';
import type { ApplierPorts } from './applier-ports.ts';
import { blue, green, start } from './fixture.ts';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
export const partitions = 4;

export class Scene {
  readonly clock = new VirtualClock(start);
  readonly queue = new MemoryQueue(this.clock);
  readonly topic = new MemoryTopic(this.clock);
  readonly ledger = new MemoryOperations();
  readonly targets = new MemoryTarget({ clock: this.clock, provisioningMs: 8 * secondMs });
  readonly signals = new MemoryLog({ partitions, clock: this.clock, logId: 'log' });
  readonly limits = new MemoryLimits();
  readonly settings = new MemorySettings((document) => document as SettingContent);
  projection: Projection = { kind: 'unknown', detail: 'nobody said.' };
  readonly ports: ApplierPorts = {
    clock: this.clock,
    queue: this.queue,
    topic: this.topic,
    ledger: this.ledger,
    targets: this.targets,
    limits: this.limits,
    settings: this.settings,
    projection: { available: () => Promise.resolve(this.projection) },
    signals: this.signals,
    log: silent,
  };
  readonly applier = createApplier(this.ports);

  constructor() {
    this.targets.deploy(blue, 2);
    this.targets.deploy(green, 2);
  }

  /** Handles what is due, second by second, until the span is over. */
  async live(ms: number): Promise<void> {
    for (let passed = 0; passed <= ms; passed += secondMs) {
      await this.queue.deliver((message) => this.applier.handle(message));
      await this.queue.deliverDeadLetters((message) => this.applier.handleDeadLetter(message));
      await this.clock.advance(secondMs);
    }
  }

  get events(): readonly LogEvent[] {
    const all = Array.from({ length: partitions }, (_, partition) =>
      this.signals.events(partition),
    );
    return all.flat().map(({ event }) => event);
  }

  get outcomes(): readonly Outcome[] {
    return this.topic.accepted.flatMap((message) =>
      message.kind === 'outcome' ? [message.outcome] : [],
    );
  }
}

export async function outcomeOf(
  scene: Scene,
  sent: ScaleCommand,
  ms = 15 * secondMs,
): Promise<Outcome> {
  scene.queue.send(sent);
  await scene.live(ms);
  const [outcome, ...others] = scene.outcomes.filter(({ commandId }) => commandId === sent.id);
  if (outcome === undefined) throw new Error(`no outcome of ${sent.id}`);
  expect(others).toEqual([]);
  const logged = scene.events.filter(
    (event) => event.kind === 'outcome' && event.outcome.commandId === sent.id,
  );
  expect(logged).toEqual([{ kind: 'outcome', outcome }]);
  return outcome;
}
