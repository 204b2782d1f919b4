import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MonitorClient } from '@azure/arm-monitor';
import { targetId } from '@headroom/core';
import { connectMonitor, ListingRefused } from '@headroom/azure-monitor';
import type { MonitorOptions } from '@headroom/azure-monitor';
import { DependencyUnavailable } from '@headroom/ports';
import { Agent, request } from 'undici';
import { useLocalAzure } from './local-azure.ts';

const azure = useLocalAzure();
const subscription = '11111111-2222-3333-4444-555555555555';
const blue = `/subscriptions/${subscription}/resourceGroups/G/providers/X.Y/Z/Blue`;
const green = blue.replace('Blue', 'Green');

function access(): MonitorOptions {
  const { env } = azure.current();
  const ca = readFileSync(env.NODE_EXTRA_CA_CERTS, 'utf8');
  return { endpoint: env.ARM_ENDPOINT, token: env.ARM_TOKEN, ca };
}

async function put(name: string, target: string, enabled: boolean | undefined): Promise<void> {
  const { endpoint = '', token = '', ca = '' } = access();
  const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 4e12 }) };
  const client = new MonitorClient(credential, subscription, { endpoint, tlsOptions: { ca } });
  await client.autoscaleSettings.createOrUpdate('G', name, {
    location: 'westeurope',
    targetResourceUri: target,
    ...(enabled === undefined ? {} : { enabled }),
    profiles: [{ name: 'p', capacity: { minimum: '1', maximum: '5', default: '2' }, rules: [] }],
  });
}

describe("Azure's own autoscale settings of a target", () => {
  beforeAll(async () => {
    await put('of-blue', blue, true);
    await put('of-blue-too', `${blue.toUpperCase()}/`, true);
    await put('of-blue-disabled', blue, false);
    await put('of-blue-perhaps', blue, undefined);
    await put('of-green', green, true);
  });

  test('are those that are not disabled, whatever the case of the id', async () => {
    const found = await connectMonitor(access()).enabledSettingsFor(targetId(blue));
    expect(found.map(({ name }) => name).sort()).toEqual([
      'of-blue',
      'of-blue-perhaps',
      'of-blue-too',
    ]);
    expect(found[0]?.id).toContain(`/subscriptions/${subscription}/`);
  });

  test('are none where nobody scales it', async () => {
    const red = targetId(blue.replace('Blue', 'Red'));
    expect(await connectMonitor(access()).enabledSettingsFor(red)).toEqual([]);
  });

  test.each([
    ['does not answer', { endpoint: 'https://localhost:1' }],
    ['does not let us in', { token: 'wrong' }],
  ])('cannot be had when Azure %s', async (_, wrong) => {
    const monitor = connectMonitor({ ...access(), ...wrong });
    await expect(monitor.enabledSettingsFor(targetId(blue))).rejects.toThrow(DependencyUnavailable);
  });
});

describe('the autoscale settings of a subscription or a resource group', () => {
  const fleet = '22222222-2222-3333-4444-555555555555';
  /** More than one page of the embedded Azure in one group. */
  const many = 101;
  const listed = '/subscriptions/*/autoscalesettings';
  const put: string[] = [];

  /** With members that the SDK does not know. */
  async function putRaw(group: string, name: string, dispatcher: Agent): Promise<void> {
    const { endpoint = '', token = '' } = access();
    const path = `/subscriptions/${fleet}/resourceGroups/${group}/providers/Microsoft.Insights/autoscaleSettings/${name}`;
    const properties = { profiles: [], newer: { than: ['the', 'SDK'] }, targetResourceUri: blue };
    const answer = await request(`${endpoint}${path}?api-version=2022-10-01`, {
      ...{ method: 'PUT', dispatcher },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ tags: { z: '1', a: '2' }, properties, location: 'westeurope' }),
    });
    put.push(await answer.body.text());
  }

  beforeAll(async () => {
    const dispatcher = new Agent({ connect: { ca: access().ca } });
    for (let index = 0; index < many; index++) await putRaw('Many', `m${index}`, dispatcher);
    await putRaw('Other', 'o', dispatcher);
    await dispatcher.close();
  });
  afterEach(() => azure.current().control.clearFaults());

  test('come page by page as Azure sent them, member order too', async () => {
    const monitor = connectMonitor(access());
    const texts = async (group?: string) => {
      const scope = group === undefined ? {} : { resourceGroup: group };
      const found = await monitor.settingsIn({ subscription: fleet, ...scope });
      return found.map((setting) => JSON.stringify(setting)).sort();
    };
    expect(put[0]).toContain('"newer":{"than":["the","SDK"]}');
    expect(await texts()).toEqual(put.toSorted());
    expect(await texts('MANY')).toEqual(put.slice(0, many).sort());
    expect(await texts('none')).toEqual([]);
  });

  test.each([
    [403, ListingRefused, /Monitoring Reader is missing.*AuthorizationFailed: no/],
    [404, ListingRefused, /There is no \/subscriptions\/22222222-/],
    [503, DependencyUnavailable, /did not list the autoscale settings/],
  ])('HTTP %d is told by its kind', async (status, kind, message) => {
    const fault = { status, code: 'AuthorizationFailed', message: 'no', retryAfterSeconds: 0 };
    azure.current().control.injectFault({ ...fault, path: listed, times: 20 });
    const listing = connectMonitor(access()).settingsIn({ subscription: fleet });
    await expect(listing).rejects.toThrow(kind);
    await expect(listing).rejects.toThrow(message);
  });
});
