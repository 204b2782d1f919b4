import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { TestArm } from './server.fixture.ts';
import { deploymentBody, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// What az 2.45 puts on the wire, with no az: its own words where an SDK would say it otherwise.

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg`;
const DEPLOYMENT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws/onlineEndpoints/ep/deployments/blue`;
const SETTING = `${GROUP}/providers/Microsoft.Insights/autoscalesettings/s?api-version=2022-10-01`;
const location = 'westeurope';

let arm: TestArm;
beforeAll(async () => {
  arm = await startTestArm();
  const ml = arm.client();
  await ml.workspaces.beginCreateOrUpdateAndWait('rg', 'ws', { location });
  const endpoint = { location, properties: { authMode: 'Key' } };
  await ml.onlineEndpoints.beginCreateOrUpdateAndWait('rg', 'ws', 'ep', endpoint);
  const path = ['rg', 'ws', 'ep', 'blue'] as const;
  await ml.onlineDeployments.beginCreateOrUpdate(...path, deploymentBody(2));
  arm.advance(1000);
});
afterAll(() => arm.close());

describe('az group show and az resource show', () => {
  test('find the group, the api-version and the resource', async () => {
    const group = await arm.send('GET', `${GROUP}?api-version=2021-04-01`);
    expect(group).toMatchObject({ status: 200, body: { location, name: 'rg' } });
    const provider = await arm.send(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.MachineLearningServices?api-version=2022-09-01`,
    );
    const types = provider.body?.['resourceTypes'] as {
      resourceType: string;
      apiVersions: string[];
    }[];
    const type = types.find(
      (each) => each.resourceType === 'workspaces/onlineEndpoints/deployments',
    );
    const version = type?.apiVersions[0] ?? '';
    const shown = await arm.send('GET', `${DEPLOYMENT}?api-version=${version}`);
    expect(shown).toMatchObject({ status: 200, body: { name: 'blue', sku: { capacity: 2 } } });
  });
});

describe('az monitor autoscale', () => {
  // Written out, since JavaScript writes 70.0 as 70.
  const rule = `{"metricTrigger":{"metricName":"CpuUtilizationPercentage","metricNamespace":"","metricResourceUri":"${DEPLOYMENT}","timeGrain":"PT1M","statistic":"Average","timeWindow":"PT5M","timeAggregation":"Average","operator":"GreaterThan","threshold":70.0,"dimensions":[]},"scaleAction":{"direction":"Increase","type":"ChangeCount","value":"1","cooldown":"PT5M"}}`;
  const capacity = '{"minimum":"1","maximum":"5","default":"2"}';
  const notification = `{"operation":"scale","email":{"customEmails":[],"sendToSubscriptionAdministrator":false,"sendToSubscriptionCoAdministrators":false},"webhooks":[]}`;
  const bodyOf = (...profiles: string[]): string =>
    `{"location":"${location}","tags":null,"properties":{"enabled":true,"targetResourceUri":"${DEPLOYMENT}","targetResourceLocation":null,"notifications":[${notification}],"profiles":[${profiles.join(',')}]}}`;
  const plain = `{"name":"default","capacity":${capacity},"rules":[]}`;
  const withRule = `{"name":"default","capacity":${capacity},"rules":[${rule}]}`;
  const schedule = `{"timeZone":"Pacific Standard Time","days":["Saturday","Sunday"],"hours":[0],"minutes":[0]}`;
  const weekend = `{"name":"weekend","capacity":${capacity},"rules":[],"recurrence":{"frequency":"week","schedule":${schedule}}}`;
  // The end of the weekend is a profile whose name is JSON.
  const end = `{"name":${JSON.stringify('{"name": "default", "for": "weekend"}')},"capacity":${capacity},"rules":[],"recurrence":{"frequency":"week","schedule":${schedule}}}`;

  test('create, rule create, profile create, show, list, update and delete', async () => {
    expect((await arm.send('PUT', SETTING, bodyOf(plain))).status).toBe(201);
    expect((await arm.send('PUT', SETTING, bodyOf(withRule))).status).toBe(200);
    const put = await arm.send('PUT', SETTING, bodyOf(withRule, weekend, end));
    expect(put.status).toBe(200);
    const shown = await arm.send('GET', SETTING);
    const properties = shown.body?.['properties'];
    expect(properties).toMatchObject({
      name: 's',
      targetResourceLocation: null,
      notifications: [JSON.parse(notification)],
      profiles: [withRule, weekend, end].map((text) => JSON.parse(text) as object),
    });
    const list = `${GROUP}/providers/Microsoft.Insights/autoscalesettings?api-version=2022-10-01`;
    expect((await arm.send('GET', list)).body?.['value']).toHaveLength(1);
    // az updates by a GET and a PUT of what it got.
    const disabled = { ...shown.body, properties: { ...(properties as object), enabled: false } };
    expect((await arm.send('PUT', SETTING, disabled)).status).toBe(200);
    expect((await arm.send('GET', SETTING)).body).toMatchObject({ properties: { enabled: false } });
    expect((await arm.send('DELETE', SETTING)).status).toBe(200);
    expect((await arm.send('DELETE', SETTING)).status).toBe(204);
    expect(await arm.send('GET', SETTING)).toMatchObject({
      status: 404,
      body: { error: { code: 'ResourceNotFound' } },
    });
  });
});

describe('az monitor', () => {
  test('metrics list and list-definitions, with a timespan that is encoded twice', async () => {
    const minute = Math.floor(arm.now / 60_000) * 60_000;
    const of = { resourceId: DEPLOYMENT, metric: 'CpuUtilizationPercentage' };
    const namespace = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments';
    const numbers = { count: 1, total: 42, minimum: 42, maximum: 42 };
    arm.server.control.putMetrics([
      { ...of, namespace, dimensions: {}, timeMs: minute - 60_000, ...numbers },
    ]);
    const span = [minute - 60_000, minute].map((time) => new Date(time).toISOString()).join('/');
    const twice = encodeURIComponent(encodeURIComponent(span));
    const query = `timespan=${twice}&interval=PT1M&metricnames=CpuUtilizationPercentage&aggregation=Average&api-version=2018-01-01`;
    const metrics = 'providers/Microsoft.Insights/metrics';
    // The SDK behind az puts a slash before an id that has one.
    const answer = await arm.send('GET', `/${DEPLOYMENT}/${metrics}?${query}`);
    expect(answer).toMatchObject({
      status: 200,
      body: { timespan: span, value: [{ timeseries: [{ data: [{ average: 42 }] }] }] },
    });
    const definitions = await arm.send(
      'GET',
      `${DEPLOYMENT}/providers/microsoft.insights/metricDefinitions?api-version=2018-01-01`,
    );
    expect(definitions.text).toContain('CpuUtilizationPercentage');
  });

  test('activity-log list', async () => {
    const from = new Date(arm.now - 60_000).toISOString();
    const filter = `eventTimestamp ge '${from}' and eventTimestamp le '${new Date(arm.now).toISOString()}' and eventChannels eq 'Admin, Operation' and resourceGroupName eq 'rg'`;
    const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values`;
    const answer = await arm.send(
      'GET',
      `${path}?$filter=${encodeURIComponent(filter)}&api-version=2015-04-01`,
    );
    expect(answer.status).toBe(200);
    expect(answer.body?.['value']).not.toEqual([]);
  });
});

test('az resource update --set puts back what it got, with the property set', async () => {
  const path = `${GROUP}/providers/Microsoft.CognitiveServices/accounts/vision?api-version=2024-10-01`;
  const made = { location, kind: 'ComputerVision', sku: { name: 'S1' }, properties: {} };
  expect((await arm.send('PUT', path, made)).status).toBe(201);
  const { body } = await arm.send('GET', path);
  const properties = { ...(body?.['properties'] as object), dynamicThrottlingEnabled: true };
  const put = await arm.send('PUT', path, { ...body, properties });
  expect(put).toMatchObject({
    status: 200,
    body: { properties: { dynamicThrottlingEnabled: true, provisioningState: 'Succeeded' } },
  });
});
