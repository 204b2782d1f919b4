import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { demoAccounts } from '@headroom/demo';
import { startAiServices } from './ai-services.ts';

interface ServedAccount {
  readonly path: string;
  readonly account: string;
  readonly backend: string;
  readonly credential: { readonly key: string };
}

test('the gateway is told of the accounts before one backend, whose key no caller has', async () => {
  await using services = await startAiServices();
  const { gateway, address, keys, capacity } = services;
  const accounts = JSON.parse(gateway['GATEWAY_ACCOUNTS'] ?? '') as ServedAccount[];
  expect(accounts.map(({ path }) => path)).toEqual(demoAccounts.map(({ name }) => `/${name}`));
  expect(new URL(address).port).toBe(gateway['GATEWAY_PORT']);
  const [{ backend, credential }] = accounts as [ServedAccount];
  const analyze = async (key: string) => {
    const init = { method: 'POST', headers: { 'api-key': key }, body: '{}' };
    return (await fetch(`${backend}/vision/v3.2/analyze`, init)).status;
  };
  capacity.visionCallsPerS = 1000;
  expect(await analyze(credential.key)).toBe(200);
  for (const key of keys.values()) expect(await analyze(key)).toBe(401);
  capacity.visionCallsPerS = 0;
  expect(await analyze(credential.key)).toBe(429);
});

test('the gateway knows its callers by hashes of their keys, which are new for each run', async () => {
  await using services = await startAiServices();
  await using others = await startAiServices();
  const clients = [...services.keys].map(([name, key]) => ({
    ...{ name, keySha256: createHash('sha256').update(key).digest('hex') },
  }));
  expect(JSON.parse(services.gateway['GATEWAY_CLIENTS'] ?? '')).toEqual(clients);
  for (const key of services.keys.values()) {
    expect(JSON.stringify(services.gateway)).not.toContain(key);
    expect([...others.keys.values()]).not.toContain(key);
  }
});
