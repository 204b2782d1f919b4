import { describe, expect, test } from '@jest/globals';
import { targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { connectArm, connectProjection, createModelDeployment } from '@headroom/azure-arm';
import type { NewModelDeployment } from '@headroom/azure-arm';
import { armAccess, claim, nowhere, place, throughArm } from './arm-targets.ts';
import { useLocalAzure } from './local-azure.ts';
import { quietLog } from './quiet-log.ts';
import { scaleTargetContract } from './scale-target-contract.ts';

const azure = useLocalAzure({ provisioningMs: 200 });
const access = () => armAccess(azure);

function modelWish(account: string, deployment: string, capacity: number): NewModelDeployment {
  const { subscription, resourceGroup, location } = place;
  const model = { format: 'OpenAI', name: 'gpt-4o', version: '2024-11-20' };
  const of = { account, deployment, model, skuName: 'Standard', capacity };
  return { subscription, resourceGroup, location, ...of };
}

function accountIdOf({ subscription, resourceGroup, account }: NewModelDeployment): TargetId {
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
  return targetId(`${group}/providers/Microsoft.CognitiveServices/accounts/${account}`);
}

function modelIdOf(of: NewModelDeployment): TargetId {
  return targetId(`${accountIdOf(of)}/deployments/${of.deployment}`);
}

scaleTargetContract(
  'model deployments of the embedded Azure',
  throughArm(access, async (account, capacity) => {
    const [blue, green] = ['blue', 'green'].map((name) => modelWish(account, name, capacity));
    await createModelDeployment(blue!, access());
    await createModelDeployment(green!, access());
    return { blue: modelIdOf(blue!), green: modelIdOf(green!) };
  }),
);

describe('a model deployment', () => {
  const usage = 'OpenAI.Standard.gpt-4o-mini';
  const pool = targetId(
    `/subscriptions/${place.subscription}/providers/Microsoft.CognitiveServices/locations/${place.location}/usages/${usage}`,
  );
  const mini = (account: string, capacity: number): NewModelDeployment => ({
    ...modelWish(account, 'chat', capacity),
    model: { format: 'OpenAI', name: 'gpt-4o-mini', version: '2024-07-18' },
  });
  const { subscription, location } = place;
  const setLimit = (limit: number) =>
    azure.current().control.setModelQuota({ subscription, location, usageName: usage, limit });
  const targets = () => connectArm(access(), quietLog);

  test('above the quota is QuotaExceeded, and the quota says what is free', async () => {
    setLimit(100);
    const one = mini('quota', 60);
    await createModelDeployment(one, access());
    const detail = '60 of 100 units are in use.';
    const free = { kind: 'capacity', instances: 40, busy: false, detail };
    expect(await targets().read(pool)).toEqual(free);
    const refused = await targets().scale(modelIdOf(one), 101, claim);
    expect(refused).toMatchObject({ outcome: 'QuotaExceeded', code: 'InsufficientQuota' });
    setLimit(50);
    expect(await targets().read(pool)).toMatchObject({ instances: 0 });
  });

  test('above what the region can place is CapacityUnavailable', async () => {
    setLimit(1000);
    const one = mini('placing', 10);
    await createModelDeployment(one, access());
    const backend = { location, modelName: 'gpt-4o-mini', skuName: 'Standard', units: 0 };
    azure.current().control.setModelBackend(backend);
    const refused = await targets().scale(modelIdOf(one), 500, claim);
    expect(refused).toMatchObject({ outcome: 'CapacityUnavailable' });
    azure.current().control.setModelBackend({ ...backend, units: 10_000 });
  });

  test('that Azure says it is busy with by name alone is waited for', async () => {
    const one = mini('named', 1);
    await createModelDeployment(one, access());
    const code = 'AnotherOperationInProgress';
    azure.current().control.injectFault({ method: 'PATCH', status: 400, code });
    expect(await targets().scale(modelIdOf(one), 2, claim)).toMatchObject({ kind: 'busy' });
  });

  test('keeps its SKU', async () => {
    const one = { ...mini('sku', 1), skuName: 'GlobalStandard' };
    await createModelDeployment(one, access());
    const reply = await targets().scale(modelIdOf(one), 2000, claim);
    // Only this SKU has no more than 1000 units: the other's quota would have been asked.
    expect(reply).toMatchObject({ kind: 'refused', outcome: 'Rejected', code: 'InvalidCapacity' });
    expect(await targets().scale(modelIdOf(one), 900, claim)).toMatchObject({ kind: 'accepted' });
  });

  test('is what is scaled, not its quota', async () => {
    const reply = await targets().scale(pool, 200, claim);
    expect(reply).toMatchObject({ kind: 'refused', outcome: 'Rejected' });
    const none = targetId(pool.replace('gpt-4o-mini', 'none'));
    expect(await targets().read(none)).toMatchObject({ kind: 'notFound' });
  });
});

describe('the projection of ARM', () => {
  const model = 'OpenAI/text-embedding-3-large/1';
  const query = { model, skuName: 'Standard', tpsPerUnit: 0.5 };
  const { location } = place;
  const one: NewModelDeployment = {
    ...modelWish('projected', 'embed', 100),
    model: { format: 'OpenAI', name: 'text-embedding-3-large', version: '1' },
  };
  const available = (changes: Partial<typeof query> = {}, account = accountIdOf(one)) =>
    connectProjection(access()).available(account, { ...query, ...changes });
  const setBackend = (units: number) => {
    const { name: modelName } = one.model;
    const change = { location, modelName, skuName: 'Standard', units };
    azure.current().control.setModelBackend(change);
  };

  test('is the smaller of what quota is left and what can be placed', async () => {
    await createModelDeployment(one, access());
    setBackend(1000);
    // 350 units of quota, of which 100 are in use.
    expect(await available()).toEqual({ kind: 'known', tps: 125 });
    setBackend(150);
    expect(await available()).toEqual({ kind: 'known', tps: 25 });
    setBackend(100);
    expect(await available()).toEqual({ kind: 'known', tps: 0 });
  });

  test.each<[string, Partial<typeof query>, RegExp]>([
    ['a model that the region does not have', { model: 'OpenAI/none/1' }, /no model OpenAI\/none/],
    ['another SKU', { skuName: 'Gold' }, /SKU Gold/],
    ['half a name', { model: 'gpt-4o' }, /no model gpt-4o/],
  ])('of %s is not known', async (_, changes, reason) => {
    const found = await available(changes);
    expect(found).toMatchObject({ kind: 'unknown', detail: expect.stringMatching(reason) });
  });

  test('of an account that is not there, or none at all, is not known', async () => {
    const none = targetId(accountIdOf(one).replace('projected', 'none'));
    expect(await available({}, none)).toMatchObject({ kind: 'unknown' });
    expect(await available({}, targetId('/subscriptions/s'))).toMatchObject({ kind: 'unknown' });
  });

  test('is not known while ARM does not answer, and a limit is not kept waiting for it', async () => {
    const path = '*/modelCapacities';
    azure.current().control.injectFault({ path, status: 503, code: 'ServiceUnavailable' });
    expect(await available()).toMatchObject({ kind: 'unknown' });
    const away = connectProjection({ ...access(), endpoint: nowhere });
    expect(await away.available(accountIdOf(one), query)).toMatchObject({ kind: 'unknown' });
  });
});
