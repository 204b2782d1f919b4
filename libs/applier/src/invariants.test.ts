import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hourMs, instant, minuteMs, secondMs } from '@headroom/core';
import type {
  LogEvent,
  Outcome,
  ScaleCommand,
  SettingContent,
  TargetId,
  TopicMessage,
} from '@headroom/core';
import { ProviderUnavailable } from '@headroom/ports';
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
import { accountSetting, blue, command, green, limit, start } from './fixture.ts';

/**
 * Two scalers share a queue. At any call to any port one of them may die before the call takes effect or after it, or
 * hang; locks get lost while their holders go on; messages come twice and in the wrong order. What must hold in the end
 * is at the bottom.
 */
interface Story {
  readonly faults: readonly Fault[];
  readonly orders: readonly Order[];
  readonly provisioningMs: number;
}

/** What happens at the nth call to a port. */
interface Fault {
  readonly call: number;
  readonly kind: 'diesBefore' | 'diesAfter' | 'hangs' | 'away';
}

/** A command, sent when `afterMs` have passed since the one before. */
interface Order {
  readonly target: 'blue' | 'green' | 'limit';
  readonly afterMs: number;
  readonly expects: 'found' | 'stale';
  readonly also: 'nothing' | 'twice' | 'older' | 'locksLost';
}

const story: fc.Arbitrary<Story> = fc.record({
  provisioningMs: fc.constantFrom(0, 5 * secondMs, 5 * minuteMs),
  faults: fc.uniqueArray(
    fc.record({
      call: fc.nat(70),
      kind: fc.constantFrom('diesBefore', 'diesAfter', 'hangs', 'away'),
    }),
    // Fewer than a message's deliveries: more than that is a dead letter, which has its own tests.
    { maxLength: 8, selector: ({ call }) => call },
  ),
  orders: fc.array(
    fc.record({
      target: fc.constantFrom('blue', 'green', 'limit'),
      afterMs: fc.constantFrom(0, secondMs, 20 * secondMs, 3 * minuteMs),
      expects: fc.constantFrom('found', 'found', 'found', 'stale'),
      also: fc.constantFrom('nothing', 'nothing', 'twice', 'older', 'locksLost'),
    }),
    { minLength: 1, maxLength: 8 },
  ),
});

test('kills, hangs, lost locks and redeliveries change nothing in the end', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (told) => {
      checkEnd(await play(told));
    }),
    { numRuns: 150 },
  );
}, 60_000);

interface End {
  readonly sent: readonly ScaleCommand[];
  /** Everything that was said, duplicates included. */
  readonly published: readonly Outcome[];
  readonly logged: readonly LogEvent[];
  /** Every value that was written, in this order. */
  readonly written: readonly Written[];
  readonly capacity: (target: TargetId) => number | undefined;
  readonly waiting: number;
}

interface Written {
  readonly target: TargetId;
  readonly to: number;
}

function checkEnd({ sent, published, logged, written: all, capacity, waiting }: End): void {
  expect(waiting).toBe(0);
  for (const one of sent) {
    const said = published.filter((outcome) => outcome.commandId === one.id);
    expect(said.length).toBeGreaterThan(0);
    for (const again of said) expect(again).toEqual(said[0]);
    expect(logged).toContainEqual({ kind: 'outcome', outcome: said[0] });
    const asked = all.filter(({ to }) => to === one.to);
    expect(asked.length > 0).toBe(said[0]!.kind === 'Applied');
    for (const request of asked) expect(request.target).toBe(one.target);
  }
  for (const target of [blue, green, limit]) {
    // `to` grows with the position, so an older command that writes after a newer one is a step down.
    const written = all.filter((request) => request.target === target);
    const values = written.map(({ to }) => to);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(capacity(target)).toBe(values.at(-1) ?? 2);
  }
}

async function play({ faults, orders, provisioningMs }: Story): Promise<End> {
  const clock = new VirtualClock(start);
  const queue = new MemoryQueue(clock);
  const signals = new MemoryLog({ partitions: 2, clock, logId: 'log' });
  const targets = new MemoryTarget({ clock, provisioningMs });
  targets.deploy(blue, 2);
  targets.deploy(green, 2);
  const published: Outcome[] = [];
  const topic = recording(new MemoryTopic(clock), published);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const ledger = new MemoryOperations();
  const world = await limitsWorld();
  const own = { clock, queue, signals, targets, topic, log, ledger };
  const ports = faulty({ ...own, ...world.ports }, faults);
  const end = new AbortController();
  const runs = [createApplier(ports), createApplier(ports)].map((one) => one.run(end.signal));
  const capacity = (target: TargetId) =>
    target === limit ? (world.written.at(-1)?.to ?? 2) : targets.capacity(target);
  const sent = await send(orders, clock, queue, capacity);
  await clock.advance(4 * hourMs);
  end.abort();
  await Promise.all(runs);
  const logged = [0, 1].flatMap((partition) => signals.events(partition));
  const waiting = queue.waiting.length + queue.deadLetters.length;
  const written = [...targets.requests, ...world.written];
  return { sent, published, logged: logged.map(({ event }) => event), written, capacity, waiting };
}

/** The account's limit begins at 2, and each change that was made is noted. */
async function limitsWorld() {
  const limits = new MemoryLimits();
  const written: Written[] = [];
  const settings = new MemorySettings((document) => document as SettingContent);
  await settings.write(accountSetting());
  const noted: ApplierPorts['limits'] = {
    read: (of) => limits.read(of),
    set: async (change) => {
      const reply = await limits.set(change);
      if (reply === 'set') written.push({ target: limit, to: change.tps });
      return reply;
    },
  };
  const projection: ApplierPorts['projection'] = {
    available: () => Promise.resolve({ kind: 'unknown', detail: '' }),
  };
  return { written, ports: { limits: noted, settings, projection } };
}

async function send(
  orders: readonly Order[],
  clock: VirtualClock,
  queue: MemoryQueue,
  capacity: (target: TargetId) => number | undefined,
): Promise<readonly ScaleCommand[]> {
  const sent: ScaleCommand[] = [];
  for (const [index, order] of orders.entries()) {
    await clock.advance(order.afterMs);
    const target = { blue, green, limit }[order.target];
    const found = capacity(target) ?? 0;
    const expectedCapacity = order.expects === 'found' ? found : 1;
    const at = instant(clock.now());
    const make = (sequence: number, expected: number): ScaleCommand =>
      command(`c${sequence}`, {
        target,
        sequence,
        expectedCapacity: expected,
        to: 10 + sequence,
        at,
      });
    const newest = make(2 * index + 1, expectedCapacity);
    // The older one finds what it expects once the newer one is applied: only its position tells.
    const batch = order.also === 'older' ? [newest, make(2 * index, newest.to)] : [newest];
    for (const one of batch) queue.send(one);
    if (order.also === 'twice') queue.send(newest);
    if (order.also === 'locksLost') {
      await clock.advance(secondMs);
      queue.releaseLocks();
    }
    sent.push(...batch);
  }
  return sent;
}

function recording(topic: MemoryTopic, published: Outcome[]): ApplierPorts['topic'] {
  return {
    publish: async (messages: readonly TopicMessage[]) => {
      for (const one of messages) if (one.kind === 'outcome') published.push(one.outcome);
      await topic.publish(messages);
    },
  };
}

/** Longer than a claim may stay unused, shorter than a request may take. */
const hangMs = 15 * secondMs;

function faulty(ports: ApplierPorts, faults: readonly Fault[]): ApplierPorts {
  const { queue, ledger, targets, limits, topic, signals, clock } = ports;
  const plan = new Map(faults.map(({ call, kind }) => [call, kind]));
  let calls = 0;
  const risky = async <T>(effect: () => Promise<T>): Promise<T> => {
    const fault = plan.get(calls++);
    if (fault === 'diesBefore') throw new Error('killed before');
    if (fault === 'away') throw new ProviderUnavailable('test', 'away');
    if (fault === 'hangs') await clock.wait(hangMs);
    const result = await effect();
    if (fault === 'diesAfter') throw new Error('killed after');
    return result;
  };
  return {
    ...ports,
    queue: {
      run: (handler, signal) => queue.run(handler, signal),
      runDeadLetters: (handler, signal) => queue.runDeadLetters(handler, signal),
      schedule: (step, at) => risky(() => queue.schedule(step, at)),
    },
    ledger: {
      read: (key) => risky(() => ledger.read(key)),
      replace: (head, etag) => risky(() => ledger.replace(head, etag)),
    },
    targets: {
      exclusionKey: (target) => targets.exclusionKey(target),
      read: (target) => risky(() => targets.read(target)),
      scale: (target, to, claim) => risky(() => targets.scale(target, to, claim)),
      poll: (operation) => risky(() => targets.poll(operation)),
    },
    limits: {
      read: (of) => risky(() => limits.read(of)),
      set: (change) => risky(() => limits.set(change)),
    },
    topic: { publish: (messages) => risky(() => topic.publish(messages)) },
    signals: {
      describe: () => signals.describe(),
      append: (partition, events) => risky(() => signals.append(partition, events)),
    },
  };
}
