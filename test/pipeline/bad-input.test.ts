import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMlDeployment } from '@headroom/azure-arm';
import { after, defaultPolicy, instant, minuteMs } from '@headroom/core';
import type { AuditRecord, Instant, ScaleCommand, TargetId } from '@headroom/core';
import { cosmos, eventHubs, serviceBus } from '@headroom/topology';
import { Service, until } from '../processes/child.ts';
import { armSetting, body, record, targetOf } from '../processes/fleet.ts';
import { Stack } from '../processes/stack.ts';

/**
 * The whole system as processes of their own over the embedded Azure. What is wrong with an input is said, held or kept,
 * and the pipeline goes on: the last test is a setting that is put to work after all of it.
 */
const startLimitMs = 60_000;
const answerLimitMs = 40_000;

let stack: Stack;
let services: readonly Service[] = [];
let begin: Instant;

beforeAll(async () => {
  stack = await Stack.start('--provisioning-seconds', '1');
  begin = instant(Date.now());
  // Somebody asks for the metric of target 0: a record that nobody asks for is not looked at.
  await stack.applySettings(1);
  services = await Promise.all(
    ['ingest', 'scaler', 'audit'].map((name) => Service.start(name, stack.env)),
  );
}, startLimitMs);

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await stack[Symbol.asyncDispose]();
}, startLimitMs);

/** The target's records, once one of them is what was asked for. */
async function audited(
  target: TargetId,
  wanted: (record: AuditRecord) => boolean,
): Promise<AuditRecord> {
  const find = async () => {
    for await (const found of stack.stores.audit.query({ target, since: begin })) {
      if (wanted(found)) return found;
    }
    return undefined;
  };
  const found = await until(find, (one) => one !== undefined, answerLimitMs, 100);
  return found!;
}

function publish(...bodies: readonly Uint8Array[]): Promise<void> {
  return stack.hubs.metricPublisher(eventHubs.metrics.name).publish(bodies, 'push');
}

async function putToWork(index: number, document: object): Promise<void> {
  const target = targetOf(index);
  const beside = { policy: defaultPolicy, overrides: [] };
  const write = { target, id: `setting-${index}`, expected: 0, document, ...beside };
  expect(await stack.stores.settings.write(write)).toMatchObject({ kind: 'written', version: 1 });
}

function command(target: TargetId, startBy: Instant): ScaleCommand {
  return {
    kind: 'scale',
    id: randomUUID(),
    target,
    expectedCapacity: 1,
    to: 2,
    reason: 'External',
    source: { kind: 'external', sender: 'a test' },
    decidedAt: instant(Date.now()),
    startBy,
  };
}

async function send(one: ScaleCommand): Promise<AuditRecord> {
  const topic = stack.bus.decisionTopic(serviceBus.topic.name);
  await topic.publish([{ kind: 'scale', command: one }]);
  return audited(one.target, (found) => {
    return found.kind === 'outcome' && found.outcome.commandId === one.id;
  });
}

/** What the container of rejected records holds. */
async function rejected(reason: RegExp): Promise<{ reason: string; excerpt: string }> {
  const { CosmosClient } = await import('@azure/cosmos');
  const client = new CosmosClient({
    endpoint: stack.env['COSMOS_ENDPOINT']!,
    key: stack.env['COSMOS_KEY']!,
    connectionPolicy: { enableEndpointDiscovery: false },
  });
  const container = client.database(cosmos.database).container(cosmos.containers.rejected.name);
  const find = async () => {
    const { resources } = await container.items.readAll().fetchAll();
    const kept = resources as unknown as readonly { reason: string; excerpt: string }[];
    return kept.find((one) => reason.test(one.reason));
  };
  const found = await until(find, (one) => one !== undefined, answerLimitMs, 100);
  return found!;
}

describe('bad input', () => {
  test(
    'malformed JSON is kept with its reason',
    async () => {
      await publish(Buffer.from('{"records":[{"metricName": oops'));
      expect(await rejected(/JSON/i)).toMatchObject({ excerpt: expect.stringContaining('oops') });
    },
    startLimitMs,
  );

  test(
    'a record of 1 MB is kept as its beginning, with its reason',
    async () => {
      const huge = { ...record(targetOf(0), 'CpuUtilizationPercentage', 1, Date.now()) };
      await publish(body([{ ...huge, instanceId: 'x'.repeat(1_000_000) }]));
      const { excerpt, reason } = await rejected(/longer than/);
      expect(reason).not.toBe('');
      expect(excerpt.length).toBeLessThan(20_000);
    },
    startLimitMs,
  );

  test(
    'a record without its time is kept, and its neighbours are read',
    async () => {
      const good = record(targetOf(0), 'CpuUtilizationPercentage', 50, Date.now());
      await publish(body([{ ...good, time: 'yesterday' }, good]));
      expect((await rejected(/time/)).reason).toMatch(/time/);
    },
    startLimitMs,
  );

  test(
    'metrics that nobody asks for are counted and dropped',
    async () => {
      const [ingest] = services;
      const unwanted = async () => (await ingest!.health()).checks.router?.unwanted ?? 0;
      const before = await unwanted();
      await publish(body([record(targetOf(9), 'NobodyAsksForThis', 1, Date.now())]));
      await until(unwanted, (count) => count > before, answerLimitMs);
    },
    startLimitMs,
  );

  test.each([
    ['that cannot be read', 1, { properties: { profiles: 'none' } }, 'profiles'],
    [
      'whose maximum is below its minimum',
      6,
      armSetting(6, '11'),
      'maximum 10 is below minimum 11',
    ],
  ])(
    'a setting %s holds its target with Error and the reason',
    async (_, index, document, reason) => {
      await putToWork(index, document);
      const found = await audited(targetOf(index), ({ kind }) => kind === 'decision');
      expect(found).toMatchObject({ decision: { outcome: 'Hold', reason: 'Error' } });
      expect(JSON.stringify(found)).toContain(reason);
    },
    startLimitMs,
  );

  test(
    'a setting whose target does not exist holds with CapacityUnknown',
    async () => {
      await putToWork(2, armSetting(2));
      const found = await audited(targetOf(2), ({ kind }) => kind === 'decision');
      expect(found).toMatchObject({ decision: { outcome: 'Hold', reason: 'CapacityUnknown' } });
    },
    startLimitMs,
  );

  test(
    'a command for an unknown target is Rejected',
    async () => {
      const found = await send(command(targetOf(3), after(instant(Date.now()), minuteMs)));
      expect(found).toMatchObject({ outcome: { kind: 'Rejected', reachedProvider: false } });
    },
    startLimitMs,
  );

  test(
    'an expired command is Expired',
    async () => {
      const found = await send(command(targetOf(4), after(instant(Date.now()), -1)));
      expect(found).toMatchObject({ outcome: { kind: 'Expired', reachedProvider: false } });
    },
    startLimitMs,
  );

  test(
    'and the pipeline goes on: a deployment below its minimum is brought in',
    async () => {
      const ca = readFileSync(stack.env['NODE_EXTRA_CA_CERTS']!, 'utf8');
      const arm = { endpoint: stack.env['ARM_ENDPOINT']!, token: stack.env['ARM_TOKEN']!, ca };
      const [, , subscription, , resourceGroup, , , , workspace, , endpoint] =
        targetOf(5).split('/');
      await createMlDeployment(
        {
          subscription: subscription!,
          resourceGroup: resourceGroup!,
          workspace: workspace!,
          endpoint: endpoint!,
          deployment: 'blue',
          location: 'westeurope',
          instanceType: 'Standard_DS3_v2',
          instances: 1,
        },
        arm,
      );
      await putToWork(5, armSetting(5, '3'));
      const outcome = await audited(targetOf(5), ({ kind }) => kind === 'outcome');
      expect(outcome).toMatchObject({ outcome: { kind: 'Applied', to: 3, capacity: 3 } });
      const decided = await audited(targetOf(5), (found) => {
        return found.kind === 'decision' && found.decision.outcome === 'ScaleOut';
      });
      expect(decided).toMatchObject({
        decision: { reason: 'BelowMinimum', trail: expect.any(Array) },
        command: { expectedCapacity: 1, to: 3 },
      });
    },
    startLimitMs,
  );

  test('and no service has ended', async () => {
    const pages = await Promise.all(services.map((service) => service.health()));
    expect(pages.map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);
  });
});
