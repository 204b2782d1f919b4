import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { AutoscaleProfile, AutoscaleSettingResource, MonitorClient } from '@azure/arm-monitor';
import type { TestArm } from './server.fixture.ts';
import { allOf, errorOf, startTestArm, SUBSCRIPTION } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

let arm: TestArm;
let client: MonitorClient;

beforeAll(async () => {
  arm = await startTestArm({ pageSize: 2 });
  client = arm.monitor();
});
afterAll(() => arm.close());

const setting = (enabled: boolean): AutoscaleSettingResource => ({
  location: 'westeurope',
  targetResourceUri: '/subscriptions/s/x',
  enabled,
  profiles: [{ name: 'p', capacity: { minimum: '1', maximum: '5', default: '2' }, rules: [] }],
});

describe('autoscale settings of Azure', () => {
  test('are put, read, changed and deleted', async () => {
    const put = await client.autoscaleSettings.createOrUpdate('rg', 'one', setting(true));
    expect(put).toMatchObject({
      name: 'one',
      enabled: true,
      targetResourceUri: '/subscriptions/s/x',
    });
    const read = await client.autoscaleSettings.get('RG', 'ONE');
    expect(read.profiles).toMatchObject(setting(true).profiles);
    await client.autoscaleSettings.update('rg', 'one', { enabled: false });
    expect(await client.autoscaleSettings.get('rg', 'one')).toMatchObject({
      enabled: false,
      profiles: [{ name: 'p' }],
    });
    await client.autoscaleSettings.delete('rg', 'one');
    await client.autoscaleSettings.delete('rg', 'one');
    const gone = client.autoscaleSettings.get('rg', 'one');
    expect(await errorOf(gone)).toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
  });

  test('are listed page by page', async () => {
    for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) {
      await client.autoscaleSettings.createOrUpdate('pages', name, setting(true));
    }
    const names = await allOf(client.autoscaleSettings.listByResourceGroup('pages'));
    expect(names.map((each) => each.name)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    const root = `/subscriptions/${SUBSCRIPTION}/resourcegroups/pages/providers`;
    const path = `${root}/Microsoft.Insights/autoscalesettings?api-version=2015-04-01`;
    expect((await arm.send('GET', path)).body?.['value']).toHaveLength(2);
    await arm.resources().resourceGroups.delete('pages');
  });

  test('have at most 20 profiles of at most 10 rules', async () => {
    const [profile] = setting(true).profiles;
    const put = (profiles: AutoscaleProfile[]) =>
      client.autoscaleSettings.createOrUpdate('rg', 'big', { ...setting(true), profiles });
    const many = Array.from({ length: 21 }, () => profile!);
    expect((await errorOf(put(many))).message).toContain('at most 20 profiles');
    const root = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers`;
    const path = `${root}/Microsoft.Insights/autoscaleSettings/big?api-version=2022-10-01`;
    const rules = Array.from({ length: 11 }, () => ({}));
    const profiles = [{ name: 'p', capacity: {}, rules }];
    const refused = await arm.send('PUT', path, { location: 'x', properties: { profiles } });
    expect(refused.text).toContain('properties.profiles[0].rules has at most 10 rules');
    const nowhere = await arm.send('PUT', path, { properties: { profiles: [] } });
    expect(nowhere).toMatchObject({ status: 400, body: { error: { code: 'LocationRequired' } } });
  });

  test('have no predictive metrics', async () => {
    const args = ['rg', 'one', 'PT1H', 'PT1M', 'n', 'm', 'Total'] as const;
    const call = client.predictiveMetric.get(...args);
    expect(await errorOf(call)).toMatchObject({ statusCode: 501, code: 'NotSupported' });
  });

  test('survive a restart as they were put', async () => {
    const put = await client.autoscaleSettings.createOrUpdate('kept', 'k', setting(true));
    await arm.restart();
    expect(await client.autoscaleSettings.get('kept', 'k')).toEqual(put);
    await arm.resources().resourceGroups.delete('kept');
  });

  test('are listed by resource group and by subscription', async () => {
    await client.autoscaleSettings.createOrUpdate('rg', 'a', setting(true));
    await client.autoscaleSettings.createOrUpdate('rg2', 'b', setting(false));
    const group = [];
    for await (const each of client.autoscaleSettings.listByResourceGroup('rg'))
      group.push(each.name);
    expect(group).toEqual(['a']);
    const all = [];
    for await (const each of client.autoscaleSettings.listBySubscription()) all.push(each);
    expect(all.map((each) => [each.name, each.enabled])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });
});
