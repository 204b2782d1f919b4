import type { ReceivedEventData } from '@azure/event-hubs';
import { describe, expect, test } from '@jest/globals';
import { PartitionLost } from './errors.ts';
import { PartitionRun } from './partition-run.ts';
import type { PartitionWork } from './partition-run.ts';

const oneEvent: readonly ReceivedEventData[] = [
  {
    body: Buffer.from('x'),
    enqueuedTimeUtc: new Date(0),
    partitionKey: null,
    offset: '0',
    sequenceNumber: 0,
    getRawAmqpMessage: () => ({ body: undefined }),
  },
];

function work(steps: string[], change: Partial<PartitionWork> = {}): PartitionWork {
  const note = (step: string) => () => Promise.resolve(void steps.push(step));
  return { events: note('events'), idle: note('idle'), close: note('close'), ...change };
}

describe('a partition between open and close', () => {
  test('hands events to its work, and says when nothing came', async () => {
    const steps: string[] = [];
    const run = new PartitionRun('0', () => Promise.resolve(work(steps)));
    await run.process(oneEvent);
    await run.process([]);
    await run.close();
    expect(steps).toEqual(['events', 'idle', 'close']);
  });

  test('rejects the first events when opening failed, so that the pump closes', async () => {
    const run = new PartitionRun('0', () => Promise.reject(new Error('no snapshot store')));
    await expect(run.process(oneEvent)).rejects.toThrow('no snapshot store');
    expect(run.isReading).toBe(false);
    await run.close();
  });

  test('notices a failed opening where nothing is received', async () => {
    const run = new PartitionRun('0', () => Promise.reject(new Error('no snapshot store')));
    await expect(run.process([])).rejects.toThrow('no snapshot store');
  });

  test('closes after what is in hand', async () => {
    const steps: string[] = [];
    const begun = Promise.withResolvers<undefined>();
    const finish = Promise.withResolvers<undefined>();
    const slow = async (): Promise<void> => {
      begun.resolve(undefined);
      await finish.promise;
      steps.push('events');
    };
    const run = new PartitionRun('0', () => Promise.resolve(work(steps, { events: slow })));
    const processed = run.process(oneEvent);
    await begun.promise;
    const closed = run.close();
    finish.resolve(undefined);
    await Promise.all([processed, closed]);
    expect(steps).toEqual(['events', 'close']);
  });

  test('hands nothing over that comes after closing began', async () => {
    const steps: string[] = [];
    const run = new PartitionRun('0', () => Promise.resolve(work(steps)));
    const closed = run.close();
    await expect(run.process(oneEvent)).rejects.toThrow('closed');
    await closed;
    expect(steps).toEqual(['close']);
  });

  test('hands nothing over once the partition is lost', async () => {
    const steps: string[] = [];
    const run = new PartitionRun('0', () => Promise.resolve(work(steps)));
    run.end(new PartitionLost('gone'));
    await expect(run.process(oneEvent)).rejects.toThrow('gone');
    expect(run.isLost).toBe(true);
    await run.close();
    expect(steps).toEqual(['close']);
  });

  test('is over after its work failed once', async () => {
    const steps: string[] = [];
    const fails = () => Promise.reject(new Error('broken'));
    const run = new PartitionRun('0', () => Promise.resolve(work(steps, { events: fails })));
    await expect(run.process(oneEvent)).rejects.toThrow('broken');
    await expect(run.process(oneEvent)).rejects.toThrow('broken');
    expect(run.isLost).toBe(false);
    await run.close();
    await run.close();
    expect(steps).toEqual(['close']);
    expect(run.isLost).toBe(true);
  });
});
