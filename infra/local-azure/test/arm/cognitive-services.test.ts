import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { CognitiveServicesManagementClient, Deployment } from '@azure/arm-cognitiveservices';
import type { TestArm } from './server.fixture.ts';
import { allOf, errorOf, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

const location = 'westeurope';
let arm: TestArm;
let client: CognitiveServicesManagementClient;

beforeEach(async () => {
  arm = await startTestArm({ pageSize: 2 });
  client = arm.cognitive();
  await makeAccount('ai', 'OpenAI', 'S0');
});
afterEach(() => arm.close());

const makeAccount = (name: string, kind: string, sku: string, properties = {}) =>
  client.accounts.beginCreateAndWait('rg', name, {
    location,
    kind,
    sku: { name: sku },
    properties,
  });

const deploymentOf = (capacity: number, model = 'gpt-4o', sku = 'Standard'): Deployment => ({
  sku: { name: sku, capacity },
  properties: { model: { format: 'OpenAI', name: model } },
});

/** Makes the deployment and lets its operation end. */
async function deploy(name: string, body: Deployment, account = 'ai'): Promise<void> {
  await client.deployments.beginCreateOrUpdate('rg', account, name, body);
  arm.advance(1000);
}

const scale = (name: string, capacity: number, account = 'ai') =>
  client.deployments.beginUpdate(
    ...(['rg', account, name] as const),
    { sku: { name: 'Standard', capacity } },
    { updateIntervalInMs: 1 },
  );

const shownOf = async (name: string): Promise<unknown[]> => {
  const { sku, properties } = await client.deployments.get('rg', 'ai', name);
  return [properties?.provisioningState, sku?.capacity];
};

async function usageOf(name: string): Promise<{ currentValue?: number; limit?: number }> {
  const usages = await allOf(client.usages.list(location));
  return usages.find((each) => each.name?.value === name) ?? {};
}

describe('an account', () => {
  test('is created, read, changed, listed and deleted', async () => {
    const made = await makeAccount('vision', 'ComputerVision', 'S1');
    expect(made).toMatchObject({ kind: 'ComputerVision', location, sku: { name: 'S1' } });
    await client.accounts.beginUpdateAndWait('rg', 'vision', { tags: { a: '1' } });
    expect(await client.accounts.get('RG', 'VISION')).toMatchObject({
      name: 'vision',
      tags: { a: '1' },
      properties: { provisioningState: 'Succeeded' },
    });
    await makeAccount('words', 'TextAnalytics', 'S');
    const names = (list: { name?: string }[]) => list.map((each) => each.name);
    const group = await allOf(client.accounts.listByResourceGroup('rg'));
    expect(names(group)).toEqual(['ai', 'vision', 'words']);
    expect(names(await allOf(client.accounts.list()))).toEqual(['ai', 'vision', 'words']);
    await client.accounts.beginDeleteAndWait('rg', 'vision');
    const gone = client.accounts.get('rg', 'vision');
    expect(await errorOf(gone)).toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
  });

  test('has call rate limits by rule, which a write does not change', async () => {
    const limit = { rules: [{ key: 'default', count: 9999 }] };
    await makeAccount('vision', 'ComputerVision', 'S1', { callRateLimit: limit });
    const { properties } = await client.accounts.get('rg', 'vision');
    expect(properties?.callRateLimit?.rules?.at(-1)).toMatchObject({
      key: 'default',
      count: 20,
      renewalPeriod: 1,
      dynamicThrottlingEnabled: true,
    });
    expect(properties?.capabilities?.map((each) => each.name)).toContain('DynamicThrottling');
  });

  test('has dynamic throttling switched on and off', async () => {
    await makeAccount('vision', 'ComputerVision', 'S1');
    const switched = async (dynamicThrottlingEnabled: boolean): Promise<unknown> => {
      const change = { properties: { dynamicThrottlingEnabled } };
      await client.accounts.beginUpdateAndWait('rg', 'vision', change);
      const found = await client.accounts.get('rg', 'vision');
      return found.properties?.dynamicThrottlingEnabled;
    };
    expect(await switched(true)).toBe(true);
    expect(await switched(false)).toBe(false);
    await switched(true);
    await client.accounts.beginUpdateAndWait('rg', 'vision', { sku: { name: 'F0' } });
    const free = await client.accounts.get('rg', 'vision');
    expect(free.properties?.dynamicThrottlingEnabled).toBe(false);
  });

  test.each([
    ['OpenAI', 'S0', 'the kind OpenAI'],
    ['ComputerVision', 'F0', 'the free tier F0'],
  ])('of kind %s and SKU %s has no dynamic throttling', async (kind, sku, reason) => {
    const made = makeAccount('no', kind, sku, { dynamicThrottlingEnabled: true });
    const error = await errorOf(made);
    expect(error).toMatchObject({ statusCode: 400, code: 'DynamicThrottlingNotSupported' });
    expect(error.message).toContain(reason);
  });

  test('of an unknown kind or SKU is refused with the known ones', async () => {
    expect((await errorOf(makeAccount('x', 'Nothing', 'S0'))).message).toContain('ComputerVision');
    expect((await errorOf(makeAccount('x', 'OpenAI', 'S9'))).message).toContain('S0');
  });

  test('has keys of its own, which can be made anew', async () => {
    const before = await client.accounts.listKeys('rg', 'ai');
    expect(before.key1).not.toBe(before.key2);
    expect(await client.accounts.listKeys('rg', 'ai')).toEqual(before);
    const after = await client.accounts.regenerateKey('rg', 'ai', 'Key1');
    expect(after.key1).not.toBe(before.key1);
    expect(after.key2).toBe(before.key2);
    await arm.restart();
    expect(await client.accounts.listKeys('rg', 'ai')).toEqual(after);
  });

  test('tells its SKUs, its models and what the free tier has used', async () => {
    await makeAccount('free', 'Face', 'F0');
    const skus = await client.accounts.listSkus('rg', 'free');
    expect(skus.value?.map((each) => each.sku?.name)).toEqual(['F0', 'S0']);
    const usages = await client.accounts.listUsages('rg', 'free');
    expect(usages.value).toMatchObject([{ limit: 5000, currentValue: 0, status: 'Included' }]);
    const models = await allOf(client.accounts.listModels('rg', 'ai'));
    expect(models.map((each) => each.name)).toContain('gpt-4o');
    const all = await allOf(client.resourceSkus.list());
    expect(all).toContainEqual(expect.objectContaining({ kind: 'Face', name: 'F0' }));
  });
});

describe('a model deployment', () => {
  test('is created by an operation, read, listed, scaled and deleted', async () => {
    const body = deploymentOf(10);
    const creating = await client.deployments.beginCreateOrUpdate('rg', 'ai', 'chat', body, {
      updateIntervalInMs: 1,
    });
    expect(await shownOf('chat')).toEqual(['Creating', 10]);
    arm.advance(1000);
    expect((await creating.pollUntilDone()).sku?.capacity).toBe(10);
    expect(await shownOf('chat')).toEqual(['Succeeded', 10]);
    const scaling = await scale('chat', 30);
    expect(await shownOf('chat')).toEqual(['Accepted', 10]);
    arm.advance(1000);
    expect((await scaling.pollUntilDone()).sku?.capacity).toBe(30);
    expect(await shownOf('chat')).toEqual(['Succeeded', 30]);
    await deploy('b', deploymentOf(1));
    await deploy('c', deploymentOf(1));
    const names = (await allOf(client.deployments.list('rg', 'ai'))).map((each) => each.name);
    expect(names).toEqual(['b', 'c', 'chat']);
    const deleting = await client.deployments.beginDelete('rg', 'ai', 'chat', {
      updateIntervalInMs: 1,
    });
    arm.advance(1000);
    await deleting.pollUntilDone();
    const gone = client.deployments.get('rg', 'ai', 'chat');
    expect(await errorOf(gone)).toMatchObject({ statusCode: 404 });
  });

  test('has rate limits that follow its capacity', async () => {
    await deploy('chat', deploymentOf(10));
    const { properties } = await client.deployments.get('rg', 'ai', 'chat');
    expect(properties?.rateLimits).toMatchObject([
      { key: 'request', renewalPeriod: 10, count: 10 },
      { key: 'token', renewalPeriod: 60, count: 10_000 },
    ]);
    expect(properties?.model).toMatchObject({ name: 'gpt-4o', version: '2024-11-20' });
  });

  test('takes a capacity by the steps of its model and SKU', async () => {
    const ptu = deploymentOf(75, 'gpt-4o', 'ProvisionedManaged');
    expect(await errorOf(deploy('p', ptu))).toMatchObject({
      statusCode: 400,
      code: 'InvalidCapacity',
    });
    await deploy('p', deploymentOf(100, 'gpt-4o', 'ProvisionedManaged'));
    const embedding = deploymentOf(11, 'text-embedding-3-large');
    expect((await errorOf(deploy('e', embedding))).message).toContain('1, 10, 50');
    const skus = await allOf(client.deployments.listSkus('rg', 'ai', 'p'));
    const provisioned = skus.find((each) => each.sku?.name === 'ProvisionedManaged');
    expect(provisioned?.capacity).toMatchObject({ minimum: 50, maximum: 500, step: 50 });
  });

  test('of an unknown model, SKU or account kind is refused', async () => {
    const codes = ['DeploymentModelNotSupported', 'InvalidResourceProperties'];
    const bodies = [deploymentOf(1, 'none'), deploymentOf(1, 'gpt-4o', 'Gold')];
    for (const [index, body] of bodies.entries()) {
      expect(await errorOf(deploy('x', body))).toMatchObject({ code: codes[index] });
    }
    await makeAccount('face', 'Face', 'S0');
    const other = deploy('x', deploymentOf(1), 'face');
    expect(await errorOf(other)).toMatchObject({ code: 'InvalidAccountKind' });
    const orphan = deploy('x', deploymentOf(1), 'none');
    expect(await errorOf(orphan)).toMatchObject({ code: 'ParentResourceNotFound' });
  });

  test('waits its turn: an account takes one operation at a time', async () => {
    await deploy('a', deploymentOf(1));
    await deploy('b', deploymentOf(1));
    await scale('a', 2);
    const busy = { statusCode: 409, code: 'RequestConflict' };
    expect(await errorOf(scale('b', 2))).toMatchObject(busy);
    expect(await errorOf(client.accounts.beginDeleteAndWait('rg', 'ai'))).toMatchObject(busy);
    arm.advance(1000);
    await scale('b', 2);
  });

  test('keeps its capacity when a test makes the operation fail', async () => {
    await deploy('a', deploymentOf(5));
    arm.server.control.failOperations({ path: '*/deployments/A', code: 'Broken', message: 'why' });
    const scaling = await scale('a', 6);
    arm.advance(1000);
    expect((await errorOf(scaling.pollUntilDone())).message).toContain('Broken');
    expect(await shownOf('a')).toEqual(['Failed', 5]);
    const again = await scale('a', 6);
    arm.advance(1000);
    await again.pollUntilDone();
    expect(await shownOf('a')).toEqual(['Succeeded', 6]);
  });

  test('goes on over a restart', async () => {
    await deploy('a', deploymentOf(5));
    await scale('a', 7);
    await arm.restart();
    expect(await shownOf('a')).toEqual(['Accepted', 5]);
    arm.advance(1000);
    expect(await shownOf('a')).toEqual(['Succeeded', 7]);
  });
});

describe('the quota of a model', () => {
  const usageName = 'OpenAI.Standard.gpt-4o';
  const set = (limit: number) =>
    arm.server.control.setModelQuota({ subscription: SUBSCRIPTION, location, usageName, limit });

  test('is shared by all deployments of a subscription in a region', async () => {
    set(100);
    await makeAccount('ai2', 'AIServices', 'S0');
    await deploy('a', deploymentOf(60));
    await deploy('b', deploymentOf(30), 'ai2');
    expect(await usageOf(usageName)).toMatchObject({ currentValue: 90, limit: 100 });
    const error = await errorOf(scale('a', 80));
    expect(error).toMatchObject({ statusCode: 400, code: 'InsufficientQuota' });
    expect(error.message).toContain('require 20 new capacity in quota Tokens Per Minute');
    expect(error.message).toContain('available capacity 10');
    const raised = await scale('a', 70);
    arm.advance(1000);
    await raised.pollUntilDone();
    expect(await usageOf(usageName)).toMatchObject({ currentValue: 100 });
  });

  test('is free again when a fall has ended, not before', async () => {
    set(100);
    await makeAccount('ai2', 'OpenAI', 'S0');
    await deploy('a', deploymentOf(80));
    await deploy('b', deploymentOf(20), 'ai2');
    await scale('a', 50);
    expect(await usageOf(usageName)).toMatchObject({ currentValue: 100 });
    expect(await errorOf(scale('b', 40, 'ai2'))).toMatchObject({ code: 'InsufficientQuota' });
    arm.advance(1000);
    await scale('b', 40, 'ai2');
    expect(await usageOf(usageName)).toMatchObject({ currentValue: 90 });
  });

  test('does not stop a fall when the limit was lowered below what is used', async () => {
    await deploy('a', deploymentOf(80));
    set(10);
    await scale('a', 70);
    arm.advance(1000);
    expect(await shownOf('a')).toEqual(['Succeeded', 70]);
    expect(await errorOf(scale('a', 71))).toMatchObject({ code: 'InsufficientQuota' });
  });

  test('and the capacity of the backend bound a raise both', async () => {
    const units = 50;
    const backend = { location, modelName: 'gpt-4o', skuName: 'Standard', units };
    arm.server.control.setModelBackend(backend);
    await deploy('a', deploymentOf(30));
    const asked = ['OpenAI', 'gpt-4o', '2024-11-20'] as const;
    const here = await allOf(client.locationBasedModelCapacities.list(location, ...asked));
    const standard = here.find((each) => each.properties?.skuName === 'Standard');
    expect(standard).toMatchObject({ location, properties: { availableCapacity: 20 } });
    const all = await allOf(client.modelCapacities.list(...asked));
    expect(new Set(all.map((each) => each.location))).toContain('eastus');
    const error = await errorOf(scale('a', 60));
    expect(error).toMatchObject({ statusCode: 400, code: 'InsufficientCapacity' });
  });

  test('belongs to models that a region lists', async () => {
    const models = await allOf(client.models.list(location));
    const found = models.find((each) => each.kind === 'OpenAI' && each.model?.name === 'gpt-4o');
    const sku = found?.model?.skus?.find((each) => each.usageName === usageName);
    expect(sku?.capacity).toEqual({ minimum: 1, maximum: 1000, step: 1, default: 10 });
  });
});

test('calculateModelCapacity is not supported', async () => {
  const call = client.calculateModelCapacity({ skuName: 'Standard', workloads: [] });
  expect(await errorOf(call)).toMatchObject({ statusCode: 501, code: 'NotSupported' });
});
