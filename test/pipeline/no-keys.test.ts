import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMlDeployment } from '@headroom/azure-arm';
import { defaultPolicy, instant } from '@headroom/core';
import type { AuditRecord, Instant } from '@headroom/core';
import { readEnv, resourceManager } from '@headroom/runtime';
import { Service, until } from '../processes/child.ts';
import { armSetting, targetOf } from '../processes/fleet.ts';
import { Stack } from '../processes/stack.ts';

/**
 * The whole system over an embedded Azure that refuses every key: services, driver and stores come in
 * by `DefaultAzureCredential`, as in a tenant with local authentication disabled.
 */
const startLimitMs = 60_000;
const answerLimitMs = 40_000;
const target = targetOf(0);

let stack: Stack;
let services: readonly Service[] = [];
let begin: Instant;

beforeAll(async () => {
  stack = await Stack.start('--provisioning-seconds', '0', '--disable-local-auth');
  begin = instant(Date.now());
  services = await Promise.all(
    ['ingest', 'scaler', 'audit'].map((name) => Service.start(name, stack.env)),
  );
}, startLimitMs);

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await stack[Symbol.asyncDispose]();
}, startLimitMs);

async function outcome(): Promise<AuditRecord | undefined> {
  for await (const found of stack.stores.audit.query({ target, since: begin })) {
    if (found.kind === 'outcome') return found;
  }
  return undefined;
}

test(
  'a command is applied with every key refused',
  async () => {
    expect(Object.keys(stack.env).filter((name) => /KEY|CONNECTION|TOKEN/.test(name))).toEqual([]);
    const { arm } = readEnv('the test', { arm: resourceManager() }, stack.env);
    const [, , subscription, , resourceGroup, , , , workspace, , endpoint] = target.split('/');
    const id = {
      subscription: subscription!,
      resourceGroup: resourceGroup!,
      workspace: workspace!,
      endpoint: endpoint!,
      deployment: 'blue',
    };
    const wish = { location: 'westeurope', instanceType: 'Standard_DS3_v2', instances: 1 };
    await createMlDeployment({ ...id, ...wish }, arm);
    const beside = { policy: defaultPolicy, overrides: [] };
    const document = armSetting(0, '3');
    await stack.stores.settings.write({ target, id: 's', expected: 0, document, ...beside });
    const found = await until(outcome, (one) => one !== undefined, answerLimitMs, 100);
    expect(found).toMatchObject({ outcome: { kind: 'Applied', to: 3, capacity: 3 } });
  },
  startLimitMs,
);
