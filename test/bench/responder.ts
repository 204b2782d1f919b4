import { instant } from '@headroom/core';
import type { ScaleCommand, TargetId } from '@headroom/core';
import type { SignalLog } from '@headroom/ports';
import { eventHubs, serviceBus } from '@headroom/topology';
import { until } from '../processes/child.ts';
import type { Stack } from '../processes/stack.ts';

/** When a scale command reached the queue's reader, and how often, by target. */
export interface Arrival {
  readonly command: ScaleCommand;
  readonly atMs: number;
}

/**
 * Stands where the scaler stands: reads the queue through its adapter, answers `read`s with three instances, and notes
 * every scale command. It scales nothing.
 */
export class Responder implements AsyncDisposable {
  readonly arrivals: Arrival[] = [];
  #reads = 0;
  readonly #ending = new AbortController();
  readonly #signals: SignalLog;
  readonly #running: Promise<void>;

  constructor(stack: Stack) {
    const { name: hub, partitions } = eventHubs.signals;
    this.#signals = stack.hubs.signalLog({ hub, partitions });
    const queue = stack.bus.commandQueue(serviceBus.queue.name);
    this.#running = queue.run(async ({ body }) => {
      if (body.kind !== 'command') throw new Error(`unexpected ${body.kind}`);
      const { command } = body;
      if (command.kind === 'scale') this.arrivals.push({ command, atMs: Date.now() });
      else await this.#answer(command.id, command.target, command.source);
      return { kind: 'complete' };
    }, this.#ending.signal);
  }

  commandsFor(target: TargetId): readonly Arrival[] {
    return this.arrivals.filter(({ command }) => command.target === target);
  }

  /** Once the capacities of so many targets were asked for: their settings are at work. */
  async answered(targets: number, limitMs: number): Promise<void> {
    const reads = () => Promise.resolve(this.#reads);
    await until(reads, (count) => count >= targets, limitMs);
  }

  async #answer(
    commandId: string,
    target: TargetId,
    source: ScaleCommand['source'],
  ): Promise<void> {
    this.#reads++;
    if (source.kind !== 'log') throw new Error('the evaluator names its position');
    const observation = {
      target,
      commandId,
      instances: 3,
      detail: 'bench',
      at: instant(Date.now()),
    };
    await this.#signals.append(source.position.partition, [{ kind: 'capacity', observation }]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }
}
