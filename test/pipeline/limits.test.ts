import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createModelDeployment } from '@headroom/azure-arm';
import { after, instant, limitTarget, minuteMs, partitionOf, targetId } from '@headroom/core';
import type { CommandSource, ScaleCommand, TargetId } from '@headroom/core';
import { eventHubs } from '@headroom/topology';
import { armAccess, place } from '../conformance/arm-targets.ts';
import { openDoor } from '../conformance/http-door.ts';
import type { HttpDoor } from '../conformance/http-door.ts';
import { useLocalAzure } from '../conformance/local-azure.ts';
import { within } from '../conformance/within.ts';
import { Gateway, LimitWorld, webhookSecret } from './limit-world.ts';

/** Limits and model deployments through the services `scaler` and `audit`, over the embedded Azure. */
let world: LimitWorld;
let gateway: Gateway;
let door: HttpDoor;
let log: string;

// Hooks run in this order: the services end before the Azure that they need.
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await door[Symbol.asyncDispose]();
}, 30_000);
const azure = useLocalAzure({ provisioningMs: 100 });
const { partitions } = eventHubs.signals;

const provider = `/subscriptions/${place.subscription}/resourceGroups/${place.resourceGroup}/providers/Microsoft.CognitiveServices`;
const accountOf = (name: string): TargetId => targetId(`${provider}/accounts/${name}`);
const vision = accountOf('vision');
const pushed = accountOf('pushed');
const model = { format: 'OpenAI', name: 'gpt-4o', version: '2024-11-20' };

beforeAll(async () => {
  gateway = new Gateway();
  door = await openDoor(gateway.listener);
  const webhooks = { [pushed]: `${door.address}/limits?code=key-of-the-test` };
  world = await LimitWorld.start({ ...azure.current().env }, webhooks);
  log = await world.logId;
  await Promise.all([vision, pushed].map(apply));
}, 30_000);

function apply(target: TargetId): Promise<void> {
  return world.apply(target, ['Default', 'Ocr', 'Tags']);
}

const fromLog = (sequence: number): CommandSource => {
  return { kind: 'log', position: { logId: log, partition: 5, sequence } };
};

function command(target: TargetId, from: number, to: number, sequence: number): ScaleCommand {
  const decidedAt = instant(Date.now());
  return {
    ...{ kind: 'scale', id: randomUUID(), target, expectedCapacity: from, to },
    ...{ reason: 'Throttled', source: fromLog(sequence) },
    ...{ decidedAt, startBy: after(decidedAt, 2 * minuteMs) },
  } as const;
}

/** Publishes the command and answers the log's events about it. */
async function carriedOut(one: ScaleCommand) {
  await world.publish({ kind: 'scale', command: one });
  return world.about(one.id);
}

async function limitsOf(account: TargetId): Promise<Record<string, number>> {
  const held = await world.stores.limits.read(account);
  return Object.fromEntries((held?.limits ?? []).map(({ key, tps }) => [key, tps]));
}

describe('a limit', () => {
  const target = limitTarget(vision, 'default');

  test('is set, told in the partition that asked, and recorded', async () => {
    const raise = command(target, 10, 14.7, 100);
    const seen = await carriedOut(raise);
    expect(seen.map(({ partition, event }) => [partition, event.kind])).toEqual([
      [5, 'started'],
      [5, 'outcome'],
    ]);
    const outcome = { kind: 'Applied', to: 14.7, capacity: 14.7, reachedProvider: true };
    expect(seen[1]?.event).toMatchObject({ outcome });
    expect(await limitsOf(vision)).toEqual({ default: 14.7 });
    const record = () => world.audited(target, raise.id);
    await within('the record', async () => (await record()) !== undefined);
    expect(await record()).toMatchObject({ kind: 'outcome', outcome });
  });

  test('is not taken back by a command that was decided before', async () => {
    const seen = await carriedOut(command(target, 14.7, 12, 99));
    const outcome = { kind: 'Superseded', capacity: 14.7, reachedProvider: false };
    expect(seen.map(({ event }) => event)).toMatchObject([{ kind: 'outcome', outcome }]);
    expect(await limitsOf(vision)).toMatchObject({ default: 14.7 });
  });

  test('set from outside is told where its account is decided on', async () => {
    const source = { kind: 'external', sender: 'ops' } as const;
    const seen = await carriedOut({ ...command(limitTarget(vision, 'tags'), 10, 20, 0), source });
    const where = partitionOf(vision, partitions);
    expect(seen.map(({ partition }) => partition)).toEqual([where, where]);
  });

  test('that a scaler had claimed when it died is set by another, to the same value', async () => {
    const raise = command(limitTarget(vision, 'ocr'), 10, 15, 101);
    const dying = world.anotherScaler({
      read: (account) => world.stores.limits.read(account),
      set: () => Promise.reject(new Error('killed')),
    });
    const body = { kind: 'command', command: raise } as const;
    const handled = dying.handle({ messageId: raise.id, deliveries: 0, body });
    await expect(handled).rejects.toThrow('killed');
    expect(await limitsOf(vision)).not.toHaveProperty('ocr');
    const seen = await carriedOut(raise);
    expect(seen.at(-1)?.event).toMatchObject({ outcome: { kind: 'Applied', capacity: 15 } });
    const held = await world.stores.limits.read(vision);
    expect(held?.limits.find(({ key }) => key === 'ocr')).toMatchObject({ commandId: raise.id });
  });

  test('that nobody set is read as its default, with what ARM has room for', async () => {
    const { subscription, resourceGroup, location } = place;
    const where = { subscription, resourceGroup, location, account: 'models', deployment: 'a' };
    const made = { ...where, model, skuName: 'Standard', capacity: 400 };
    await createModelDeployment(made, armAccess(azure));
    const read = async (account: TargetId) => {
      const id = randomUUID();
      const query = { model: 'OpenAI/gpt-4o/2024-11-20', skuName: 'Standard', tpsPerUnit: 0.1 };
      const asked = { target: limitTarget(account, 'default'), projection: query };
      const question = { kind: 'read', id, ...asked, source: fromLog(200) } as const;
      await world.publish({ kind: 'read', command: question });
      return (await world.about(id))[0]?.event;
    };
    const models = accountOf('models');
    await apply(models);
    // Of 450 units of quota 400 are in use.
    const observation = { instances: 10, availableTps: 5 };
    expect(await read(models)).toMatchObject({ kind: 'capacity', observation });
  });
});

test('a model deployment is scaled, and says what the quota refuses', async () => {
  const { subscription, resourceGroup, location } = place;
  const where = { subscription, resourceGroup, location, account: 'chat', deployment: 'blue' };
  const mini = { format: 'OpenAI', name: 'gpt-4o-mini', version: '2024-07-18' };
  const made = { ...where, model: mini, skuName: 'Standard', capacity: 100 };
  await createModelDeployment(made, armAccess(azure));
  const target = targetId(`${accountOf('chat')}/deployments/blue`);
  const usageName = 'OpenAI.Standard.gpt-4o-mini';
  azure.current().control.setModelQuota({ subscription, location, usageName, limit: 250 });
  const raised = await carriedOut(command(target, 100, 200, 300));
  expect(raised.at(-1)?.event).toMatchObject({ outcome: { kind: 'Applied', capacity: 200 } });
  const refused = await carriedOut(command(target, 200, 300, 301));
  expect(refused.at(-1)?.event).toMatchObject({
    outcome: { kind: 'QuotaExceeded', capacity: 200, reachedProvider: true },
  });
}, 30_000);

describe('a limit of a gateway with a webhook', () => {
  const target = limitTarget(pushed, 'default');

  test('is pushed to it, and to nobody else', async () => {
    const seen = await carriedOut(command(target, 10, 14.7, 400));
    expect(seen.at(-1)?.event).toMatchObject({ outcome: { kind: 'Applied', capacity: 14.7 } });
    expect(gateway.held?.limits).toMatchObject([{ key: 'default', tps: 14.7 }]);
    expect(await limitsOf(pushed)).toEqual({});
  });

  test('waits while the gateway is away, and others go on', async () => {
    gateway.isAway = true;
    const raise = command(target, 14.7, 21.5, 401);
    await world.publish({ kind: 'scale', command: raise });
    await world.lines.until((lines) => lines.includes('gateway.away'), 'the first try');
    const other = await carriedOut(command(limitTarget(vision, 'default'), 14.7, 21.5, 102));
    expect(other.at(-1)?.event).toMatchObject({ outcome: { kind: 'Applied' } });
    gateway.isAway = false;
    const seen = await world.about(raise.id);
    expect(seen.at(-1)?.event).toMatchObject({ outcome: { kind: 'Applied', capacity: 21.5 } });
    expect(new Set(gateway.asked.seen)).toContain('GET 503');
    expect(world.lines.seen).not.toContain('deadLetter');
    expect(world.lines.seen).not.toContain('queue.handler-failed');
    const said = world.said.join('\n');
    expect(said).toContain(`${door.address}/limits cannot take limits now`);
    expect(said).not.toMatch(new RegExp(`key-of-the-test|${webhookSecret}`));
  });
});
