import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { EventData } from '@azure/arm-monitor';
import type { NewActivityEvent } from '../../src/index.ts';
import type { TestArm } from './server.fixture.ts';
import { allOf, deploymentBody, errorOf, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

const DAY = 24 * 60 * 60 * 1000;
const SETTING = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Insights/autoscaleSettings/one`;
const location = 'westeurope';

let arm: TestArm;
beforeEach(async () => {
  arm = await startTestArm({ pageSize: 3 });
});
afterEach(() => arm.close());

const log = (more = '', options = {}): Promise<EventData[]> => {
  const from = new Date(arm.now - DAY).toISOString();
  const filter = `eventTimestamp ge '${from}'${more}`;
  return allOf(arm.monitor().activityLogs.list(filter, options));
};

const shownOf = (events: EventData[]): unknown[] =>
  events.map((each) => [each.operationName?.value, each.status?.value]);

const putSetting = (group = 'rg') =>
  arm.monitor().autoscaleSettings.createOrUpdate(group, 'one', { location, profiles: [] });

describe('the activity log', () => {
  test('has an entry for the start and the end of each write, newest first', async () => {
    await putSetting();
    arm.advance(10);
    await arm.monitor().autoscaleSettings.delete('rg', 'one');
    await arm.monitor().autoscaleSettings.listByResourceGroup('rg').next();
    const events = await log();
    const type = 'Microsoft.Insights/autoscaleSettings';
    expect(shownOf(events)).toEqual([
      [`${type}/delete`, 'Succeeded'],
      [`${type}/delete`, 'Started'],
      [`${type}/write`, 'Succeeded'],
      [`${type}/write`, 'Started'],
    ]);
    const [first, second] = events;
    expect(first?.correlationId).toBe(second?.correlationId);
    expect(first).toMatchObject({
      resourceId: SETTING,
      resourceGroupName: 'rg',
      category: { value: 'Administrative' },
      resourceProviderName: { value: 'Microsoft.Insights' },
      eventTimestamp: new Date(arm.now),
      caller: 'local',
    });
  });

  test('has the end of a long-running operation when it ended', async () => {
    const ml = arm.client();
    await ml.workspaces.beginCreateOrUpdateAndWait('rg', 'ws', { location });
    const endpoint = { location, properties: { authMode: 'Key' } };
    await ml.onlineEndpoints.beginCreateOrUpdateAndWait('rg', 'ws', 'ep', endpoint);
    const began = arm.now;
    arm.server.control.failNextOperation('Broken', 'why');
    const path = ['rg', 'ws', 'ep', 'blue'] as const;
    await ml.onlineDeployments.beginCreateOrUpdate(...path, deploymentBody(1));
    arm.advance(5000);
    const events = (await log()).slice(0, 3);
    const name = 'Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/write';
    expect(shownOf(events)).toEqual([
      [name, 'Failed'],
      [name, 'Accepted'],
      [name, 'Started'],
    ]);
    expect(events[0]).toMatchObject({
      eventTimestamp: new Date(began + 1000),
      subStatus: { value: 'Broken' },
      correlationId: events[2]?.correlationId,
    });
  });

  test('has the writes that were refused', async () => {
    await errorOf(arm.monitor().autoscaleSettings.update('rg', 'none', { enabled: false }));
    const [failed] = await log();
    expect(failed).toMatchObject({
      status: { value: 'Failed' },
      subStatus: { value: 'ResourceNotFound' },
      level: 'Error',
    });
  });

  test('is filtered by group, resource, provider, correlation and status', async () => {
    await putSetting();
    await putSetting('other');
    await arm.client().workspaces.beginCreateOrUpdateAndWait('rg', 'ws', { location });
    expect(await log()).toHaveLength(6);
    expect(await log(" and resourceGroupName eq 'RG'")).toHaveLength(4);
    expect(await log(` and resourceUri eq '${SETTING}'`)).toHaveLength(2);
    expect(await log(" and resourceProvider eq 'microsoft.insights'")).toHaveLength(4);
    const [one] = await log(" and status eq 'Succeeded'");
    expect(await log(` and correlationId eq '${one?.correlationId}'`)).toHaveLength(2);
    const to = new Date(arm.now - 1).toISOString();
    expect(await log(` and eventTimestamp le '${to}'`)).toEqual([]);
    const channels = " and eventChannels eq 'Admin, Operation'";
    expect(await log(channels)).toHaveLength(6);
  });

  test('refuses another filter, none, and one of before 90 days', async () => {
    expect(await errorOf(log(" and color eq 'red'"))).toMatchObject({ statusCode: 400 });
    const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Insights/eventtypes/management/values`;
    const list = (filter: string) =>
      arm.send('GET', `${path}?api-version=2015-04-01&$filter=${encodeURIComponent(filter)}`);
    expect((await list('')).text).toContain('eventTimestamp ge');
    const old = new Date(arm.now - 91 * DAY).toISOString();
    const refused = await list(`eventTimestamp ge '${old}'`);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('90 days');
  });

  test('tells only the members that are selected', async () => {
    await putSetting();
    const [event] = await log('', { select: 'eventTimestamp,status' });
    expect(event).toMatchObject({ status: { value: 'Succeeded' } });
    expect(event?.resourceId).toBeUndefined();
  });

  test('comes page by page, each entry once', async () => {
    for (let n = 0; n < 4; n += 1) await putSetting(`g${n}`);
    const ids = (await log()).map((each) => each.eventDataId);
    expect(new Set(ids).size).toBe(8);
  });
});

describe('entries that a test puts in', () => {
  const scaled = (timeMs: number, more: Partial<NewActivityEvent> = {}): NewActivityEvent => ({
    timeMs,
    resourceId: SETTING,
    operationName: 'Microsoft.Insights/AutoscaleSettings/Scaleup/Action',
    status: 'Succeeded',
    category: 'Autoscale',
    eventName: 'AutoscaleAction',
    caller: 'Microsoft.Insights/autoscaleSettings',
    properties: { OldInstancesCount: '1', NewInstancesCount: '2' },
    ...more,
  });

  test('are found as Azure writes those of autoscale', async () => {
    arm.server.control.putActivityEvents([scaled(arm.now - 1000)]);
    await arm.restart();
    expect(await log(` and resourceUri eq '${SETTING}'`)).toMatchObject([
      {
        operationName: { value: 'Microsoft.Insights/AutoscaleSettings/Scaleup/Action' },
        category: { value: 'Autoscale' },
        eventName: { value: 'AutoscaleAction' },
        properties: { OldInstancesCount: '1', NewInstancesCount: '2' },
        resourceType: { value: 'Microsoft.Insights/autoscaleSettings' },
      },
    ]);
  });

  test('are forgotten after 90 days', async () => {
    arm.server.control.putActivityEvents([scaled(arm.now), scaled(arm.now - 91 * DAY)]);
    expect(await log()).toHaveLength(1);
    arm.advance(91 * DAY);
    arm.server.control.putActivityEvents([scaled(arm.now)]);
    expect(await log()).toHaveLength(1);
  });
});
