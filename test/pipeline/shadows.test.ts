import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultPolicy, instant, partitionOf } from '@headroom/core';
import type { Decision } from '@headroom/core';
import { eventHubs, serviceBus } from '@headroom/topology';
import { Service, until } from '../processes/child.ts';
import { armSetting, targetOf } from '../processes/fleet.ts';
import { Stack } from '../processes/stack.ts';

/**
 * A shadow beside a setting in mode `act`, through `ingest` and `audit` as processes over the embedded Azure. No scaler runs: what
 * was sent to it is still in its queue.
 */
const startLimitMs = 60_000;
const answerLimitMs = 30_000;
const target = targetOf(0);
const begin = instant(Date.now());
const { name: hub, partitions } = eventHubs.signals;

let stack: Stack;
let ingest: Service;
let audit: Service;

beforeAll(async () => {
  stack = await Stack.start();
  await write(0, '1');
  [ingest, audit] = await Promise.all([
    Service.start('ingest', stack.env),
    Service.start('audit', stack.env),
  ]);
}, startLimitMs);

afterAll(async () => {
  await Promise.all([ingest.stop(), audit.stop()]);
  await stack[Symbol.asyncDispose]();
}, startLimitMs);

/** The setting with that minimum, and beside it a shadow that wants three instances at least. */
async function write(expected: number, minimum: string): Promise<void> {
  const shadows = [{ name: 'larger', setting: armSetting(0, '3'), policy: {} }];
  const beside = { policy: defaultPolicy, overrides: [], shadows };
  const document = armSetting(0, minimum);
  await stack.stores.settings.write({ target, id: 's', expected, document, ...beside });
}

/** As the scaler would tell it. */
async function hasInstances(instances: number): Promise<void> {
  const observation = { target, commandId: 'read', instances, detail: '', at: instant(Date.now()) };
  const log = stack.hubs.signalLog({ hub, partitions });
  await log.append(partitionOf(target, partitions), [{ kind: 'capacity', observation }]);
}

/** What was decided with that many instances there, by the shadow or by the setting in force. */
function decided(before: number, shadow: string | undefined): Promise<Decision> {
  const find = async () => {
    for await (const record of stack.stores.audit.query({ target, since: begin })) {
      if (record.kind !== 'decision' || record.decision.shadow !== shadow) continue;
      if (record.decision.capacity.before === before) return record.decision;
    }
    return undefined;
  };
  return until(find, (found) => found !== undefined, answerLimitMs, 50).then((found) => found!);
}

/** What the scaler would have received, by kind. */
async function queued(): Promise<readonly unknown[]> {
  // A client goes on peeking where it was.
  const client = new ServiceBusClient(stack.env['SERVICEBUS_CONNECTION_STRING'] ?? '');
  const messages = await client.createReceiver(serviceBus.queue.name).peekMessages(100);
  await client.close();
  return messages.map(({ applicationProperties }) => applicationProperties?.['kind']);
}

test(
  'decides and sends nothing to the scaler, and goes on from its state after a kill',
  async () => {
    // The setting in force asks for the capacity: the way to the queue is open.
    await until(queued, (kinds) => kinds.includes('read'), answerLimitMs, 50);
    await hasInstances(1);
    const first = await decided(1, 'larger');
    expect(first).toMatchObject({
      ...{ mode: 'observe', outcome: 'ScaleOut', reason: 'BelowMinimum' },
      capacity: { before: 1, after: 3 },
    });
    ingest.kill();
    ingest = await Service.start('ingest', stack.env);
    await hasInstances(4);
    const next = await decided(4, 'larger');
    expect(next).toMatchObject({ outcome: 'Hold', state: { lastActionAt: first.at } });
    expect(new Set(await queued())).toEqual(new Set(['read']));
  },
  startLimitMs,
);

test(
  'put to work as the setting in force, it sends a command',
  async () => {
    await hasInstances(2);
    await write(1, '3');
    const found = await decided(2, undefined);
    expect(found).toMatchObject({ mode: 'act', outcome: 'ScaleOut', capacity: { after: 3 } });
    await until(queued, (kinds) => kinds.includes('scale'), answerLimitMs, 50);
  },
  startLimitMs,
);
