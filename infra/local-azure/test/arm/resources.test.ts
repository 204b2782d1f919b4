import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { TestArm } from './server.fixture.ts';
import { allOf, deploymentBody, errorOf, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

let arm: TestArm;
beforeAll(async () => {
  arm = await startTestArm({ pageSize: 2, subscriptions: ['first'] });
});
afterAll(() => arm.close());

const location = 'westeurope';

describe('subscriptions', () => {
  test('are those that were given and those that hold something', async () => {
    const client = arm.subscriptions();
    expect((await allOf(client.subscriptions.list())).map((each) => each.subscriptionId)).toEqual([
      'first',
    ]);
    expect(await client.subscriptions.get('FIRST')).toMatchObject({ state: 'Enabled' });
    const absent = client.subscriptions.get(SUBSCRIPTION);
    expect(await errorOf(absent)).toMatchObject({ statusCode: 404, code: 'SubscriptionNotFound' });
    await arm.resources().resourceGroups.createOrUpdate('made', { location });
    const all = await allOf(client.subscriptions.list());
    expect(all.map((each) => each.subscriptionId)).toEqual(['first', SUBSCRIPTION]);
    const locations = await allOf(client.subscriptions.listLocations(SUBSCRIPTION));
    expect(locations.map((each) => each.name)).toContain(location);
    expect(await allOf(client.tenants.list())).toHaveLength(1);
  });
});

describe('resource groups', () => {
  test('are created, changed, found, looked for and deleted', async () => {
    const { resourceGroups } = arm.resources();
    const made = await resourceGroups.createOrUpdate('one', { location, tags: { a: '1' } });
    expect(made).toMatchObject({ name: 'one', location, tags: { a: '1' } });
    await resourceGroups.update('ONE', { tags: { b: '2' } });
    expect(await resourceGroups.get('one')).toMatchObject({ name: 'one', tags: { b: '2' } });
    expect(await resourceGroups.checkExistence('one')).toMatchObject({ body: true });
    expect(await resourceGroups.checkExistence('none')).toMatchObject({ body: false });
    await resourceGroups.delete('one');
    expect(await errorOf(resourceGroups.get('one'))).toMatchObject({
      statusCode: 404,
      code: 'ResourceGroupNotFound',
    });
  });

  test('come with the first resource in them', async () => {
    await arm.client().workspaces.beginCreateOrUpdateAndWait('implicit', 'ws', { location });
    expect(await arm.resources().resourceGroups.get('Implicit')).toMatchObject({
      name: 'implicit',
      location,
    });
  });

  test('are listed page by page', async () => {
    const { resourceGroups } = arm.resources();
    for (const name of ['p1', 'p2', 'p3']) await resourceGroups.createOrUpdate(name, { location });
    const names = (await allOf(resourceGroups.list())).map((each) => each.name);
    expect(names).toEqual(expect.arrayContaining(['made', 'p1', 'p2', 'p3']));
    const version = 'api-version=2021-04-01';
    const page = await arm.send('GET', `/subscriptions/${SUBSCRIPTION}/resourcegroups?${version}`);
    expect(page.body?.['value']).toHaveLength(2);
    expect(page.body?.['nextLink']).toContain('skiptoken');
  });

  test('are deleted with their contents, unless one of these is busy', async () => {
    const ml = arm.client();
    const { resourceGroups } = arm.resources();
    await ml.workspaces.beginCreateOrUpdateAndWait('full', 'ws', { location });
    const endpoint = { location, properties: { authMode: 'Key' } };
    await ml.onlineEndpoints.beginCreateOrUpdateAndWait('full', 'ws', 'ep', endpoint);
    const path = ['full', 'ws', 'ep', 'blue'] as const;
    await ml.onlineDeployments.beginCreateOrUpdate(...path, deploymentBody(1));
    expect(await errorOf(resourceGroups.delete('full'))).toMatchObject({ statusCode: 409 });
    arm.advance(1000);
    await resourceGroups.delete('full');
    expect(await errorOf(ml.workspaces.get('full', 'ws'))).toMatchObject({ statusCode: 404 });
    expect(await resourceGroups.checkExistence('full')).toMatchObject({ body: false });
  });
});

describe('resources', () => {
  beforeAll(async () => {
    const ml = arm.client();
    for (const name of ['w1', 'w2', 'w3']) {
      await ml.workspaces.beginCreateOrUpdateAndWait('things', name, { location });
    }
    const kind = { kind: 'OpenAI', sku: { name: 'S0' }, location };
    await arm.cognitive().accounts.beginCreateAndWait('things', 'ai', kind);
  });

  test('are listed by resource group and by subscription, page by page', async () => {
    const { resources } = arm.resources();
    const group = await allOf(resources.listByResourceGroup('things'));
    expect(group.map((each) => each.name)).toEqual(['ai', 'w1', 'w2', 'w3']);
    const all = await allOf(resources.list());
    expect(all.length).toBeGreaterThan(4);
  });

  test('are filtered by type and name, and by nothing else', async () => {
    const { resources } = arm.resources();
    const filter = "resourceType eq 'Microsoft.CognitiveServices/accounts'";
    const accounts = await allOf(resources.listByResourceGroup('things', { filter }));
    expect(accounts).toMatchObject([{ name: 'ai', kind: 'OpenAI', sku: { name: 'S0' } }]);
    const other = allOf(resources.list({ filter: "tagName eq 'a'" }));
    expect(await errorOf(other)).toMatchObject({ statusCode: 400, code: 'BadRequest' });
  });

  test('are read and looked for by id, whatever its case', async () => {
    const { resources } = arm.resources();
    const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/THINGS/providers/microsoft.machinelearningservices/workspaces/W1`;
    expect(await resources.getById(id, '2022-10-01')).toMatchObject({ name: 'w1', location });
    expect(await resources.checkExistenceById(id, '2022-10-01')).toMatchObject({ body: true });
    const absent = await resources.checkExistenceById(`${id}x`, '2022-10-01');
    expect(absent).toMatchObject({ body: false });
  });

  test('have providers that tell their types and api-versions', async () => {
    const provider = await arm.resources().providers.get('microsoft.insights');
    const types = provider.resourceTypes ?? [];
    const setting = types.find((each) => each.resourceType === 'autoscaleSettings');
    expect(setting?.apiVersions).toEqual(['2022-10-01', '2015-04-01']);
    expect(await allOf(arm.resources().providers.list())).toHaveLength(3);
    const unknown = arm.resources().providers.get('Microsoft.Compute');
    expect(await errorOf(unknown)).toMatchObject({ code: 'InvalidResourceNamespace' });
  });
});

describe('what is not routed', () => {
  const root = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers`;

  test.each([
    [
      'GET',
      `${root}/Microsoft.Compute/disks/d?api-version=2024-01-01`,
      404,
      'InvalidResourceNamespace',
    ],
    [
      'GET',
      `${root}/Microsoft.Insights/components/c?api-version=2024-01-01`,
      404,
      'InvalidResourceType',
    ],
    ['PUT', '/somewhere', 404, 'InvalidResourceNamespace'],
    [
      'POST',
      `${root}/Microsoft.Insights/autoscaleSettings/s?api-version=2022-10-01`,
      405,
      'MethodNotAllowed',
    ],
    ['GET', `${root}/Microsoft.Insights/autoscaleSettings/s`, 400, 'MissingApiVersionParameter'],
    [
      'GET',
      `${root}/Microsoft.Insights/autoscaleSettings/s?api-version=x`,
      400,
      'InvalidApiVersionParameter',
    ],
    [
      'GET',
      `${root}/Microsoft.Insights/autoscaleSettings/s?api-version=2001-01-01`,
      400,
      'NoRegisteredProviderFound',
    ],
    [
      'GET',
      `${root}/Microsoft.Insights/autoscaleSettings/%E0%A4%A?api-version=2022-10-01`,
      400,
      'BadRequest',
    ],
    [
      'GET',
      `${root}/Microsoft.Insights/autoscaleSettings/a%2Fb?api-version=2022-10-01`,
      400,
      'BadRequest',
    ],
    [
      'PUT',
      `${root}/Microsoft.Insights/autoscaleSettings/s?api-version=2022-10-01`,
      400,
      'InvalidRequestContent',
    ],
  ])('answers %s %s with %d %s', async (method, target, status, code) => {
    const answer = await arm.send(method, target);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(answer.headers['x-ms-error-code']).toBe(code);
  });
});
