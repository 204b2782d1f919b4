import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { AutoscaleSettingResource } from '@azure/arm-monitor';
import { MonitorClient } from '@azure/arm-monitor';
import type { TestArm } from './server.fixture.ts';
import { credential, errorOf, startTestArm, SUBSCRIPTION, TOKEN } from './server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(30_000);

let arm: TestArm;
let client: MonitorClient;

beforeAll(async () => {
  arm = await startTestArm();
  client = new MonitorClient(credential(TOKEN), SUBSCRIPTION, {
    endpoint: arm.server.endpoint,
    tlsOptions: { ca: readFileSync(arm.server.caFile) },
  });
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
