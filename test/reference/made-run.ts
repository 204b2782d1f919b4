import { instant, targetId } from '@headroom/core';
import type { LogEvent, PositionedSample, TargetId, TopicMessage } from '@headroom/core';
import { hourMs, minuteMs, secondMs } from './durations.ts';
import type { LogMessage } from './duel.ts';
import { makeMetrics } from './made-metric.ts';
import { makeArrivals, makeBackFill } from './made-samples.ts';
import type { Arrival } from './made-samples.ts';
import { makeBegin } from './made-schedule.ts';
import { makeNeighbour, makeVersions } from './made-versions.ts';
import type { MadeVersion } from './made-versions.ts';
import { MadeProvider } from './made-provider.ts';
import type { Random } from './random.ts';
import { Timetable } from './timetable.ts';

const targets = [
  '/subscriptions/s/resourcegroups/g/providers/microsoft.machinelearningservices/workspaces/w/onlineendpoints/e/deployments/blue',
  '/subscriptions/s/resourcegroups/g/providers/microsoft.servicebus/namespaces/n',
] as const;
const neighbour = targetId('/subscriptions/s/neighbour');

/** Who folds a run: the engine alone, or beside the reference. */
export interface Player {
  meet(message: LogMessage): readonly TopicMessage[];
}

/**
 * One made-up target from its setting's first version on: samples that come late, twice, out of order or not at all; ticks;
 * new versions; a provider that is slow, fails or says nothing; people who change the capacity by hand.
 */
export class MadeRun {
  readonly target: TargetId;
  readonly messages: LogMessage[] = [];
  readonly #random: Random;
  readonly #timetable = new Timetable<LogEvent>();
  readonly #provider: MadeProvider;
  readonly #end: number;
  #sourceSequence = 0;
  #lastFrame: LogEvent | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.target = targetId(random.chance(0.85) ? targets[0] : targets[1]);
    const begin = makeBegin(random);
    const spanMs = random.pick([0.5, 1, 1, 2, 2, 2, 3, 3, 3, 18]) * hourMs;
    this.#end = begin + spanMs;
    const metrics = makeMetrics(random, { target: this.target, spanMs });
    const isShared = random.chance(0.2);
    const circumstances = { target: this.target, begin, spanMs, metrics, isShared };
    this.#planVersions(makeVersions(random, circumstances));
    if (isShared)
      this.#planNeighbour(makeNeighbour(random, { ...circumstances, target: neighbour }));
    for (const metric of metrics) {
      const isBackFilled = metric.path === 'poll' && random.chance(0.7);
      const arrivals = isBackFilled
        ? makeBackFill(random, metric, begin, this.#end)
        : makeArrivals(random, metric, begin - 5 * minuteMs, this.#end);
      this.#planSamples(arrivals);
    }
    const tickMs = random.pick([5 * secondMs, 20 * secondMs, minuteMs]);
    this.#planTicks(begin, spanMs > 6 * hourMs ? 5 * tickMs : tickMs);
    this.#provider = new MadeProvider(random, this.target, this.#timetable, begin, spanMs);
  }

  /** Plays it; whatever the engine says to a message has its consequences. */
  play(engine: Player): void {
    for (let next = this.#timetable.take(); next !== undefined; next = this.#timetable.take()) {
      if (next.at > this.#end) return;
      for (const events of this.#messagesOf(next.events)) {
        const message = {
          sequence: this.messages.length,
          enqueuedAt: this.#stamp(next.at),
          events,
        };
        this.messages.push(message);
        for (const said of engine.meet(message)) this.#react(said, next.at);
      }
    }
  }

  #react(message: TopicMessage, at: number): void {
    if (message.kind === 'read' && message.command.target === this.target) {
      this.#provider.read(message.command, at);
    }
    if (message.kind === 'scale' && message.command.target === this.target) {
      this.#provider.scale(message.command, at);
    }
  }

  /** What becomes known at one instant is one message, or several. */
  #messagesOf(events: readonly LogEvent[]): readonly (readonly LogEvent[])[] {
    if (events.length === 0) return [];
    if (events.length === 1 || this.#random.chance(0.8)) return [events];
    const cut = this.#random.int(1, events.length - 1);
    return [events.slice(0, cut), events.slice(cut)];
  }

  /** Brokers' clocks go back now and then. */
  #stamp(at: number) {
    return instant(this.#random.chance(0.01) ? at - 500 : at);
  }

  #planVersions(versions: readonly MadeVersion[]): void {
    versions.forEach(({ at, content }, index) => {
      const version = { target: this.target, id: 'made', version: index + 1, content };
      this.#timetable.plan(at, () => [{ kind: 'setting', version }]);
      // The owner of a partition says a version until it is folded, and an older one now and then.
      if (this.#random.chance(0.3)) {
        this.#timetable.plan(at + this.#random.int(0, 600_000), () => [
          { kind: 'setting', version },
        ]);
      }
    });
  }

  #planNeighbour({ at, content }: MadeVersion): void {
    const version = { target: neighbour, id: 'neighbour', version: 1, content };
    this.#timetable.plan(at, () => [{ kind: 'setting', version }]);
  }

  #planSamples(arrivals: readonly Arrival[]): void {
    const flushMs = this.#random.pick([1, secondMs, secondMs, 10 * secondMs]);
    const byFlush = new Map<number, Arrival[]>();
    for (const arrival of arrivals) {
      const at = Math.ceil(arrival.at / flushMs) * flushMs;
      const batch = byFlush.get(at);
      if (batch === undefined) byFlush.set(at, [arrival]);
      else batch.push(arrival);
    }
    for (const [at, batch] of byFlush) this.#timetable.plan(at, () => this.#frames(batch));
  }

  /** A frame, and sometimes the one before it once more. */
  #frames(batch: readonly Arrival[]): readonly LogEvent[] {
    const sequence = this.#sourceSequence++;
    const samples = batch.map(({ sample }, index): PositionedSample => ({
      sample,
      position: { sequence, index },
    }));
    const { path } = batch[0]!;
    const first = { sequence, index: 0 };
    const last = { sequence, index: batch.length - 1 };
    const frame = {
      kind: 'frame',
      source: `metrics/0#${path}`,
      path,
      first,
      last,
      samples,
    } as const;
    const again = this.#random.chance(0.03) ? this.#lastFrame : undefined;
    this.#lastFrame = frame;
    return again === undefined ? [frame] : [frame, again];
  }

  #planTicks(begin: number, periodMs: number): void {
    for (let at = begin; at < this.#end; at += this.#random.int(1, 2 * periodMs)) {
      this.#timetable.plan(at, () => [{ kind: 'tick' }]);
    }
  }
}
