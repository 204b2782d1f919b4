import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { AzureMachineLearningWorkspaces, OnlineDeployment } from '@azure/arm-machinelearning';
import type { TestArm } from './server.fixture.ts';
import { allOf, deploymentBody, errorOf, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

const [GROUP, WORKSPACE, ENDPOINT] = ['rg', 'ws', 'ep'] as const;

let arm: TestArm;
let client: AzureMachineLearningWorkspaces;

/** An endpoint with deployment `blue` of two instances. */
async function prepare(options: Parameters<typeof startTestArm>[0] = {}): Promise<void> {
  arm = await startTestArm(options);
  client = arm.client();
  const location = 'westeurope';
  await client.workspaces.beginCreateOrUpdateAndWait(GROUP, WORKSPACE, { location });
  await client.onlineEndpoints.beginCreateOrUpdateAndWait(GROUP, WORKSPACE, ENDPOINT, {
    location,
    properties: { authMode: 'Key' },
  });
  await create('blue', 2);
}

async function create(name: string, capacity: number): Promise<void> {
  await client.onlineDeployments.beginCreateOrUpdate(
    ...([GROUP, WORKSPACE, ENDPOINT, name] as const),
    deploymentBody(capacity),
  );
  arm.advance(1000);
}

const scale = (
  capacity: number,
  name = 'blue',
): ReturnType<typeof client.onlineDeployments.beginUpdate> =>
  client.onlineDeployments.beginUpdate(
    ...([GROUP, WORKSPACE, ENDPOINT, name] as const),
    { sku: { capacity } },
    { updateIntervalInMs: 1 },
  );

const get = (name = 'blue'): Promise<OnlineDeployment> =>
  client.onlineDeployments.get(GROUP, WORKSPACE, ENDPOINT, name);

async function shownOf(name = 'blue'): Promise<unknown[]> {
  const { sku, properties } = await get(name);
  return [properties.provisioningState, sku?.capacity, properties.properties?.['readyInstances']];
}

afterEach(() => arm.close());

describe('a deployment', () => {
  beforeEach(() => prepare());

  test('is created by an operation, read, and listed', async () => {
    const poller = await client.onlineDeployments.beginCreateOrUpdate(
      ...([GROUP, WORKSPACE, ENDPOINT, 'green'] as const),
      deploymentBody(4),
      { updateIntervalInMs: 1 },
    );
    expect(await shownOf('green')).toEqual(['Creating', 4, '0']);
    arm.advance(500);
    expect(await shownOf('green')).toEqual(['Creating', 4, '2']);
    arm.advance(500);
    const result = await poller.pollUntilDone();
    expect(result.properties.provisioningState).toBe('Succeeded');
    expect(await shownOf('green')).toEqual(['Succeeded', 4, '4']);
    const names = [];
    for await (const each of client.onlineDeployments.list(GROUP, WORKSPACE, ENDPOINT)) {
      names.push(each.name);
    }
    expect(names).toEqual(['blue', 'green']);
    const endpoints = [];
    for await (const each of client.onlineEndpoints.list(GROUP, WORKSPACE)) endpoints.push(each);
    expect(endpoints.map((each) => each.name)).toEqual([ENDPOINT]);
  });

  test('scales by a PATCH: the capacity changes when the operation has succeeded', async () => {
    const poller = await scale(5);
    expect(poller.isDone()).toBe(false);
    expect(await shownOf()).toEqual(['Scaling', 2, '2']);
    arm.advance(700);
    expect(await shownOf()).toEqual(['Scaling', 2, '4']);
    arm.advance(300);
    const result = await poller.pollUntilDone();
    expect(result.sku?.capacity).toBe(5);
    expect(await shownOf()).toEqual(['Succeeded', 5, '5']);
  });

  test('is found whatever the case of its id', async () => {
    const found = await client.onlineDeployments.get('RG', 'WS', 'EP', 'BLUE');
    expect(found.id).toContain('/resourceGroups/rg/');
    expect(found.name).toBe('blue');
  });

  test('tells its limits', async () => {
    const skus = [];
    for await (const sku of client.onlineDeployments.listSkus(GROUP, WORKSPACE, ENDPOINT, 'blue')) {
      skus.push(sku.capacity);
    }
    expect(skus).toEqual([{ minimum: 1, maximum: 50, default: 1, scaleType: 'Automatic' }]);
  });

  test.each([0, 51, 1.5, -1])('refuses the capacity %d', async (capacity) => {
    expect(await errorOf(scale(capacity))).toMatchObject({ statusCode: 400, code: 'BadArgument' });
    expect(await shownOf()).toEqual(['Succeeded', 2, '2']);
  });

  test('takes new tags at once', async () => {
    const change = { tags: { team: 'x' } };
    await client.onlineDeployments.beginUpdateAndWait(GROUP, WORKSPACE, ENDPOINT, 'blue', change);
    expect((await get()).tags).toEqual({ team: 'x' });
  });

  test('that is not there is not found, nor is one below an absent endpoint created', async () => {
    expect(await errorOf(get('none'))).toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
    expect(await errorOf(scale(3, 'none'))).toMatchObject({ statusCode: 404 });
    const orphan = client.onlineDeployments.beginCreateOrUpdate(
      ...([GROUP, WORKSPACE, 'none', 'blue'] as const),
      deploymentBody(1),
    );
    expect(await errorOf(orphan)).toMatchObject({ code: 'ParentResourceNotFound' });
  });

  test('is deleted by an operation', async () => {
    const args = [GROUP, WORKSPACE, ENDPOINT, 'blue'] as const;
    const poller = await client.onlineDeployments.beginDelete(...args, { updateIntervalInMs: 1 });
    expect((await shownOf())[0]).toBe('Deleting');
    arm.advance(1000);
    await poller.pollUntilDone();
    expect(await errorOf(get())).toMatchObject({ statusCode: 404 });
  });
});

describe('an endpoint takes one operation at a time', () => {
  beforeEach(() => prepare());

  test('and answers 409 to any other, also of another deployment', async () => {
    await create('green', 1);
    await scale(3);
    const endpoint = await client.onlineEndpoints.get(GROUP, WORKSPACE, ENDPOINT);
    expect(endpoint.properties.provisioningState).toBe('Updating');
    const busy = { statusCode: 409, code: 'Conflict' };
    expect(await errorOf(scale(4))).toMatchObject(busy);
    expect(await errorOf(scale(4, 'green'))).toMatchObject(busy);
    expect(await errorOf(create('red', 1))).toMatchObject(busy);
    arm.advance(1000);
    await scale(4, 'green');
    expect(await shownOf('blue')).toEqual(['Succeeded', 3, '3']);
  });
});

describe('workspaces and endpoints', () => {
  beforeEach(() => prepare({ pageSize: 2 }));
  const location = 'westeurope';

  test('are changed by a PATCH, and listed page by page', async () => {
    const { workspaces, onlineEndpoints } = client;
    await workspaces.beginUpdateAndWait(GROUP, WORKSPACE, { tags: { a: '1' } });
    expect(await workspaces.get(GROUP, WORKSPACE)).toMatchObject({ tags: { a: '1' }, location });
    const change = { tags: { b: '2' } };
    await onlineEndpoints.beginUpdateAndWait(GROUP, WORKSPACE, ENDPOINT, change);
    expect(await onlineEndpoints.get(GROUP, WORKSPACE, ENDPOINT)).toMatchObject(change);
    for (const name of ['w2', 'w3']) {
      await workspaces.beginCreateOrUpdateAndWait('rg2', name, { location });
    }
    const names = (list: { name?: string }[]) => list.map((each) => each.name);
    expect(names(await allOf(workspaces.listByResourceGroup('rg2')))).toEqual(['w2', 'w3']);
    const all = await allOf(workspaces.listBySubscription());
    expect(names(all)).toEqual([WORKSPACE, 'w2', 'w3']);
    for (const name of ['g', 'h', 'i']) await create(name, 1);
    const found = await allOf(client.onlineDeployments.list(GROUP, WORKSPACE, ENDPOINT));
    expect(names(found)).toEqual(['blue', 'g', 'h', 'i']);
  });

  test('are deleted: an endpoint by an operation, with its deployments', async () => {
    const { workspaces, onlineEndpoints } = client;
    await scale(3);
    expect(await errorOf(workspaces.beginDeleteAndWait(GROUP, WORKSPACE))).toMatchObject({
      statusCode: 409,
    });
    arm.advance(1000);
    const deleting = await onlineEndpoints.beginDelete(GROUP, WORKSPACE, ENDPOINT, {
      updateIntervalInMs: 1,
    });
    arm.advance(1000);
    await deleting.pollUntilDone();
    expect(await errorOf(get())).toMatchObject({ statusCode: 404 });
    await workspaces.beginDeleteAndWait(GROUP, WORKSPACE);
    expect(await errorOf(workspaces.get(GROUP, WORKSPACE))).toMatchObject({ statusCode: 404 });
  });
});

test('the cores in use are told by region, and are those that the quota counts', async () => {
  await prepare({ quotaCores: 100 });
  const usages = await allOf(client.usages.list('westeurope'));
  // Two instances of four cores count as three.
  expect(usages).toMatchObject([{ currentValue: 12, limit: 100, unit: 'Count' }]);
  expect(await allOf(client.usages.list('eastus'))).toMatchObject([{ currentValue: 0 }]);
});

test('logs and keys are not supported', async () => {
  await prepare();
  const path = [GROUP, WORKSPACE, ENDPOINT, 'blue'] as const;
  const refused = { statusCode: 501, code: 'NotSupported' };
  expect(await errorOf(client.onlineDeployments.getLogs(...path, {}))).toMatchObject(refused);
  const keys = client.onlineEndpoints.listKeys(GROUP, WORKSPACE, ENDPOINT);
  expect(await errorOf(keys)).toMatchObject(refused);
});

describe('an operation', () => {
  beforeEach(() => prepare());

  test('tells where its state and its result are, and how long to wait', async () => {
    const path = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/ep/deployments/blue`;
    const body = { sku: { capacity: 3 } };
    const { status, headers } = await arm.send('PATCH', `${path}?api-version=2024-10-01`, body);
    expect(status).toBe(202);
    expect(headers['retry-after']).toBe('1');
    const target = (name: string): string => {
      const { pathname, search } = new URL(String(headers[name]));
      return pathname + search;
    };
    expect((await arm.send('GET', target('location'))).status).toBe(202);
    const running = await arm.send('GET', target('azure-asyncoperation'));
    expect(running.body).toMatchObject({ status: 'InProgress' });
    arm.advance(1000);
    const ended = await arm.send('GET', target('azure-asyncoperation'));
    expect(ended.body).toMatchObject({ status: 'Succeeded' });
    const result = await arm.send('GET', target('location'));
    expect(result).toMatchObject({ status: 200, body: { sku: { capacity: 3 } } });
  });
});

describe('a failed operation leaves the capacity as it was', () => {
  test('when the quota has not enough cores for 120 % of the instances', async () => {
    // Four cores an instance: 5 instances count as 6, 24 cores; 6 count as 8, 32 cores.
    await prepare({ quotaCores: 31 });
    const fits = await scale(5);
    arm.advance(1000);
    await fits.pollUntilDone();
    const poller = await scale(6);
    arm.advance(1000);
    expect((await errorOf(poller.pollUntilDone())).message).toContain('OutOfQuota');
    expect(await shownOf()).toEqual(['Failed', 5, '5']);
    await scale(4);
    arm.advance(1000);
    expect(await shownOf()).toEqual(['Succeeded', 4, '4']);
  });

  test('when a test asks for the failure', async () => {
    await prepare();
    arm.server.control.failNextOperation('InternalServerError', 'made up');
    const poller = await scale(3);
    arm.advance(1000);
    expect((await errorOf(poller.pollUntilDone())).message).toContain('made up');
    expect(await shownOf()).toEqual(['Failed', 2, '2']);
  });
});

describe('after a restart', () => {
  beforeEach(() => prepare());

  test('an operation goes on, and a new client resumes its poller without a second PATCH', async () => {
    const state = (await scale(6)).toString();
    await arm.restart();
    expect((await shownOf())[0]).toBe('Scaling');
    const resumed = await arm
      .client()
      .onlineDeployments.beginUpdate(
        ...([GROUP, WORKSPACE, ENDPOINT, 'blue'] as const),
        { sku: { capacity: 6 } },
        { resumeFrom: state, updateIntervalInMs: 1 },
      );
    expect(resumed.isDone()).toBe(false);
    arm.advance(1000);
    expect((await resumed.pollUntilDone()).sku?.capacity).toBe(6);
  });

  test('an operation whose time passed meanwhile has taken its effect', async () => {
    await scale(6);
    arm.advance(5000);
    await arm.restart();
    expect(await shownOf()).toEqual(['Succeeded', 6, '6']);
  });

  test('the authority is the same, and its key is readable by the owner only', async () => {
    const folder = dirname(arm.server.caFile);
    const mode = (name: string): number => statSync(join(folder, name)).mode & 0o777;
    expect([mode('ca-key.pem'), mode('server-key.pem')]).toEqual([0o600, 0o600]);
    await arm.restart();
    expect((await get()).name).toBe('blue');
  });
});

test('another token is refused', async () => {
  await prepare();
  const call = arm.client('another').onlineDeployments.get(GROUP, WORKSPACE, ENDPOINT, 'blue');
  expect(await errorOf(call)).toMatchObject({ statusCode: 401, code: 'AuthenticationFailed' });
});
