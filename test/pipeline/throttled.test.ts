import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectArm, createModelDeployment } from '@headroom/azure-arm';
import {
  defaultQuotaPoolPolicy,
  defaultRateLimitPolicy,
  limitTarget,
  targetId,
} from '@headroom/core';
import { armAccess, place } from '../conformance/arm-targets.ts';
import { useLocalAzure } from '../conformance/local-azure.ts';
import { quietLog } from '../conformance/quiet-log.ts';
import { within } from '../conformance/within.ts';
import { LimitWorld } from './limit-world.ts';

/** From calls that were answered 429 to what is done about them, through every service. */
let world: LimitWorld;
// Hooks run in this order: the services end before the Azure that they need.
afterAll(() => world[Symbol.asyncDispose](), 30_000);
const azure = useLocalAzure({ provisioningMs: 100 });
const { subscription, resourceGroup, location } = place;
const provider = 'providers/Microsoft.CognitiveServices';
const accounts = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/${provider}/accounts`;

beforeAll(async () => {
  world = await LimitWorld.start({ ...azure.current().env }, {}, true);
}, 30_000);

test('a limit that nobody set rises as far as ARM has room', async () => {
  const account = targetId(`${accounts}/vision`);
  const limit = limitTarget(account, 'default');
  const model = { format: 'OpenAI', name: 'gpt-4o', version: '2024-11-20' };
  const where = { subscription, resourceGroup, location, account: 'vision', deployment: 'a' };
  // Of 450 units of quota 448 are in use: room for a fifth of a call a second more, and a step of growth would be more.
  const made = { ...where, model, skuName: 'Standard', capacity: 448 };
  await createModelDeployment(made, armAccess(azure));
  const query = { model: 'OpenAI/gpt-4o/2024-11-20', skuName: 'Standard', tpsPerUnit: 0.1 };
  const capacity = { kind: 'arm', ...query } as const;
  await world.apply(account, ['Default'], { ...defaultRateLimitPolicy, capacity });
  const raised = async () => (await world.stores.limits.read(account))?.limits;
  await within(
    'the limit is raised',
    async () => {
      await world.metrics.publish([blocked(account)], 'push');
      return (await raised()) !== undefined;
    },
    25_000,
  );
  expect(await raised()).toMatchObject([{ key: 'default', tps: 10.2 }]);
  const outcome = { kind: 'Applied', to: 10.2, capacity: 10.2 };
  const [held] = (await raised()) ?? [];
  const record = () => world.audited(limit, held?.commandId ?? '');
  await within('the record', async () => (await record()) !== undefined);
  expect(await record()).toMatchObject({ outcome });
}, 40_000);

/** A second of calls above the limit, in Azure's diagnostic form. */
function blocked(account: string): Uint8Array {
  const record = {
    ...{ count: 1, total: 5, minimum: 5, maximum: 5, average: 5 },
    resourceId: account.toUpperCase(),
    time: new Date(Date.now() - 1000).toISOString(),
    metricName: 'BlockedCalls',
    timeGrain: 'PT1S',
    RatelimitKey: 'Default',
    BlockedBy: 'Rate',
  };
  return Buffer.from(JSON.stringify({ records: [record] }));
}

test('quota moves from the idle deployment to the throttled one, down before up', async () => {
  const account = targetId(`${accounts}/openai`);
  const [chat, batch] = ['chat', 'batch'].map((name) => targetId(`${account}/deployments/${name}`));
  const usageName = 'OpenAI.Standard.gpt-4o-mini';
  const pool = targetId(
    `/subscriptions/${subscription}/${provider}/locations/${location}/usages/${usageName}`,
  );
  const model = { format: 'OpenAI', name: 'gpt-4o-mini', version: '2024-07-18' };
  const where = { subscription, resourceGroup, location, account: 'openai' };
  const of = { ...where, model, skuName: 'Standard' };
  await createModelDeployment({ ...of, deployment: 'chat', capacity: 20 }, armAccess(azure));
  await createModelDeployment({ ...of, deployment: 'batch', capacity: 80 }, armAccess(azure));
  azure.current().control.setModelQuota({ subscription, location, usageName, limit: 100 });
  const deployments = [chat, batch].map((id) => ({ id, guarantee: 10, maximum: 90 }));
  const document = { id: pool, type: 'Headroom/quotaPools', properties: { deployments } };
  const beside = { policy: defaultQuotaPoolPolicy, overrides: [] };
  await world.stores.settings.write({ target: pool, id: pool, expected: 0, document, ...beside });
  await world.metrics.publish([lastMinute(account)], 'push');
  const arm = connectArm(armAccess(azure), quietLog);
  const capacities = () =>
    Promise.all(
      [chat!, batch!].map(async (target) => {
        const reading = await arm.read(target);
        return reading.kind === 'capacity' && !reading.busy ? reading.instances : NaN;
      }),
    );
  const moved = async () => {
    await world.metrics.publish([lastMinute(account)], 'push');
    const [raised = NaN, lowered = NaN] = await capacities();
    return raised > 20 && lowered < 80;
  };
  await within('quota is moved', moved, 25_000);
  const ends = () =>
    world.events.seen.flatMap(({ event }) =>
      event.kind === 'outcome' && event.outcome.target.startsWith(account)
        ? [[event.outcome.target, event.outcome.kind]]
        : [],
    );
  await world.events.until(() => ends().length >= 2, 'both outcomes');
  expect(ends().slice(0, 2)).toEqual([
    [batch, 'Applied'],
    [chat, 'Applied'],
  ]);
}, 40_000);

/** A minute and a little more in which one is throttled and the other hardly used, five seconds a record. */
function lastMinute(account: string): Uint8Array {
  const nowMs = Math.floor(Date.now() / 5000) * 5000;
  const records = Array.from({ length: 15 }, (_, index) => {
    const time = new Date(nowMs - (15 - index) * 5000).toISOString();
    const count = (total: number) => ({ total, count: 1, minimum: total, maximum: total });
    const of = { resourceId: account.toUpperCase(), time, timeGrain: 'PT5S' };
    const blocked = { ModelDeploymentName: 'chat', StatusCode: '429' };
    return [
      { ...of, ...count(30), average: 30, metricName: 'AzureOpenAIRequests', ...blocked },
      {
        ...of,
        ...count(1600),
        average: 1600,
        metricName: 'TokenTransaction',
        ModelDeploymentName: 'chat',
      },
      {
        ...of,
        ...count(50),
        average: 50,
        metricName: 'TokenTransaction',
        ModelDeploymentName: 'batch',
      },
    ];
  });
  return Buffer.from(JSON.stringify({ records: records.flat() }));
}
