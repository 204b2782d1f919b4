import type { EventData } from '@azure/event-hubs';
import { describe, expect, test } from '@jest/globals';
import { PartitionSender } from './partition-sender.ts';

/** A send that the test lets go, or fails. */
interface Send {
  readonly bodies: readonly string[];
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

function recorder(): { sends: Send[]; send: (events: readonly EventData[]) => Promise<void> } {
  const sends: Send[] = [];
  const send = (events: readonly EventData[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const bodies = events.map((event) => String(event.body));
      sends.push({ bodies, finish: () => resolve(), fail: reject });
    });
  return { sends, send };
}

const event = (body: string): EventData => ({ body });

/** Runs everything that is ready to run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('the sender of a partition', () => {
  test('has one send under way, and puts what comes meanwhile into the next, in order', async () => {
    const { sends, send } = recorder();
    const sender = new PartitionSender(send);
    const appended = ['a', 'b', 'c'].map((body) => sender.append([event(body)]));
    expect(sends.map(({ bodies }) => bodies)).toEqual([['a']]);
    sends[0]!.finish();
    await appended[0];
    await settled();
    expect(sends.map(({ bodies }) => bodies)).toEqual([['a'], ['b', 'c']]);
    sends[1]!.finish();
    await Promise.all(appended);
  });

  test('resolves an append only when its own events are sent', async () => {
    const { sends, send } = recorder();
    const sender = new PartitionSender(send);
    let done = false;
    void sender.append([event('a')]).then(() => (done = true));
    await settled();
    expect(done).toBe(false);
    sends[0]!.finish();
    await settled();
    expect(done).toBe(true);
  });

  test('fails what waits behind a failed send, so that nothing overtakes it', async () => {
    const { sends, send } = recorder();
    const sender = new PartitionSender(send);
    const appended = ['a', 'b'].map((body) => sender.append([event(body)]));
    sends[0]!.fail(new Error('down'));
    const results = await Promise.allSettled(appended);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(sends).toHaveLength(1);
  });

  test('works again after a failure', async () => {
    const { sends, send } = recorder();
    const sender = new PartitionSender(send);
    const first = sender.append([event('a')]);
    sends[0]!.fail(new Error('down'));
    await expect(first).rejects.toThrow('down');
    const second = sender.append([event('a'), event('b')]);
    sends[1]!.finish();
    await second;
    expect(sends[1]!.bodies).toEqual(['a', 'b']);
  });

  test('sends nothing for nothing', async () => {
    const { sends, send } = recorder();
    await new PartitionSender(send).append([]);
    expect(sends).toHaveLength(0);
  });

  test('limits one send, never splitting one append over two', async () => {
    const { sends, send } = recorder();
    const sender = new PartitionSender(send);
    const many = Array.from({ length: 3000 }, () => event('x'));
    const appended = [many, many, many].map((events) => sender.append(events));
    for (let at = 0; at < 3; at++) {
      sends[at]!.finish();
      await appended[at];
      await settled();
    }
    expect(sends.map(({ bodies }) => bodies.length)).toEqual([3000, 3000, 3000]);
  });
});
