import { describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { LogEvent, LoggedEvent } from '@headroom/core';
import type { OpenPartition, OwnedPartition } from '@headroom/ports';
import { MemoryLog } from './signal-log.ts';
import { seededChunks } from './chunks.ts';
import { VirtualClock } from './virtual-clock.ts';

const tick: LogEvent = { kind: 'tick' };
const ticks = (count: number): LogEvent[] => Array.from({ length: count }, () => tick);

function setUp(partitions = 1): { log: MemoryLog; clock: VirtualClock } {
  const clock = new VirtualClock(instant(1_000));
  return { log: new MemoryLog({ partitions, clock }), clock };
}

interface Trace {
  readonly open: OpenPartition;
  readonly opened: OwnedPartition[];
  readonly closed: number[];
  readonly batches: (readonly LoggedEvent[])[];
}

function trace(onBatch: (owned: OwnedPartition) => Promise<void> = async () => {}): Trace {
  const opened: OwnedPartition[] = [];
  const closed: number[] = [];
  const batches: (readonly LoggedEvent[])[] = [];
  const open: OpenPartition = (owned) => {
    opened.push(owned);
    return Promise.resolve({
      batch: async (events) => {
        batches.push(events);
        await onBatch(owned);
      },
      close: () => {
        closed.push(owned.partition);
        return Promise.resolve();
      },
    });
  };
  return { open, opened, closed, batches };
}

const sequences = (one: Trace): number[][] =>
  one.batches.map((batch) => batch.map((event) => event.sequence));

describe('appending', () => {
  test('numbers each partition from 0', async () => {
    const { log } = setUp(2);
    await log.append(0, ticks(2));
    await log.append(1, ticks(1));
    expect(log.events(0).map((event) => event.sequence)).toEqual([0, 1]);
    expect(log.events(1).map((event) => event.sequence)).toEqual([0]);
  });

  test('takes times from the clock, never back', async () => {
    const { log, clock } = setUp();
    await log.append(0, [tick]);
    await clock.advance(500);
    await log.append(0, [tick]);
    log.appendAt(0, instant(7), [tick]);
    expect(log.events(0).map((event) => event.enqueuedAt)).toEqual([1_000, 1_500, 1_500]);
  });
});

describe('a member', () => {
  test('gets batches of at most the asked size, in order', async () => {
    const { log } = setUp();
    await log.append(0, ticks(5));
    const seen = trace();
    await log.join(seen.open).drain(2);
    expect(sequences(seen)).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('is told where the log begins, ends and how far it was read', async () => {
    const { log } = setUp();
    await log.append(0, ticks(5));
    log.trim(0, 2);
    const seen = trace();
    await log.join(seen.open).pump();
    expect(seen.opened[0]).toMatchObject({ firstSequence: 2, lastSequence: 4, partition: 0 });
    expect(seen.opened[0]).not.toHaveProperty('checkpoint');
    expect(sequences(seen)).toEqual([[2, 3, 4]]);
  });

  test('that fails is closed and begins again', async () => {
    const { log } = setUp();
    await log.append(0, ticks(2));
    let failures = 1;
    const seen = trace(() =>
      failures-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve(),
    );
    const member = log.join(seen.open);
    const first = await member.pump(1);
    expect(first.failures).toMatchObject([{ partition: 0, error: new Error('no') }]);
    expect(seen.closed).toEqual([0]);
    await member.drain(1);
    expect(sequences(seen)).toEqual([[0], [0], [1]]);
  });
});

describe('members', () => {
  test('share the partitions evenly', () => {
    const { log } = setUp(5);
    const members = [log.join(trace().open), log.join(trace().open)];
    expect(members.map((member) => member.partitions().length).sort()).toEqual([2, 3]);
  });

  test('hand over cleanly: the one that stops closes first', async () => {
    const { log } = setUp();
    const first = trace((owned) => owned.saveCheckpoint(owned.lastSequence).then(() => undefined));
    const second = trace();
    await log.append(0, ticks(3));
    const leaving = log.join(first.open);
    await leaving.pump();
    await leaving.stop();
    await log.join(second.open).pump();
    expect(first.closed).toEqual([0]);
    expect(second.opened[0]).toMatchObject({ checkpoint: 2 });
  });

  test('take over from one that was killed, whose checkpoints are refused', async () => {
    const { log } = setUp();
    await log.append(0, ticks(1));
    const first = trace();
    const killed = log.join(first.open);
    await killed.pump();
    killed.kill();
    const heir = trace();
    await log.join(heir.open).pump();
    expect(first.closed).toEqual([]);
    expect(sequences(heir)).toEqual([[0]]);
    expect(await first.opened[0]!.saveCheckpoint(0)).toBe('lost');
    expect(await heir.opened[0]!.saveCheckpoint(0)).toBe('saved');
  });

  test('that were stolen from read one batch more, then close', async () => {
    const { log } = setUp();
    const old = trace();
    const thief = trace();
    await log.append(0, ticks(2));
    const first = log.join(old.open);
    await first.pump(1);
    const second = log.join(thief.open);
    second.steal(0);
    await first.pump(1);
    await second.drain();
    expect(await first.pump(1)).toEqual({ events: 0, failures: [] });
    expect(sequences(old)).toEqual([[0], [1]]);
    expect(old.closed).toEqual([0]);
    expect(sequences(thief)).toEqual([[0, 1]]);
  });
});

describe('the feed', () => {
  test('reads what is there and what comes until it is aborted', async () => {
    const { log } = setUp();
    await log.append(0, ticks(1));
    const end = new AbortController();
    const seen = trace(async (owned) => {
      if (seen.batches.length === 1) await log.append(owned.partition, ticks(1));
      else end.abort();
    });
    await log.feed().run(seen.open, end.signal);
    expect(sequences(seen)).toEqual([[0], [1]]);
    expect(seen.closed).toEqual([0]);
  });

  test('rejects when its reader fails for ever', async () => {
    const { log } = setUp();
    await log.append(0, ticks(1));
    const seen = trace(() => Promise.reject(new Error('never')));
    const run = log.feed().run(seen.open, new AbortController().signal);
    await expect(run).rejects.toMatchObject({ name: 'ReadingFailed', cause: new Error('never') });
  });
});

test('seeded batch sizes repeat and stay in bounds', () => {
  const draw = (): number[] => Array.from({ length: 50 }, seededChunks(7, 4));
  expect(draw()).toEqual(draw());
  expect(new Set(draw())).toEqual(new Set([1, 2, 3, 4]));
});
