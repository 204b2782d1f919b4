import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { MonitorClient } from '@azure/arm-monitor';
import { targetId } from '@headroom/core';
import { connectMonitor } from '@headroom/azure-monitor';
import type { MonitorOptions } from '@headroom/azure-monitor';
import { DependencyUnavailable } from '@headroom/ports';
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
