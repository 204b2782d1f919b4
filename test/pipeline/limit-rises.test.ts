import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createModelDeployment } from '@headroom/azure-arm';
import { defaultRateLimitPolicy, limitTarget, targetId } from '@headroom/core';
import { armAccess, place } from '../conformance/arm-targets.ts';
import { useLocalAzure } from '../conformance/local-azure.ts';
import { within } from '../conformance/within.ts';
import { LimitWorld } from './limit-world.ts';

/** From calls that were answered 429 to the limit that is in force, through every service. */
const azure = useLocalAzure({ provisioningMs: 0 });
const account = targetId(
  `/subscriptions/${place.subscription}/resourceGroups/${place.resourceGroup}/providers/Microsoft.CognitiveServices/accounts/vision`,
);
const limit = limitTarget(account, 'default');

let world: LimitWorld;
beforeAll(async () => {
  world = await LimitWorld.start({ ...azure.current().env }, {}, true);
}, 30_000);
afterAll(() => world[Symbol.asyncDispose](), 30_000);

test('a limit that nobody set rises as far as ARM has room', async () => {
  const { subscription, resourceGroup, location } = place;
  const model = { format: 'OpenAI', name: 'gpt-4o', version: '2024-11-20' };
  const where = { subscription, resourceGroup, location, account: 'vision', deployment: 'a' };
  // Of 450 units of quota 448 are in use: room for a fifth of a call a second more, and a step of growth would be more.
  const made = { ...where, model, skuName: 'Standard', capacity: 448 };
  await createModelDeployment(made, armAccess(azure));
  const query = { model: 'OpenAI/gpt-4o/2024-11-20', skuName: 'Standard', tpsPerUnit: 0.1 };
  const capacity = { kind: 'arm', ...query } as const;
  await world.apply(account, ['Default'], { ...defaultRateLimitPolicy, capacity });
  const raised = async () => (await world.stores.limits.read(account))?.limits;
  await within(
    'the limit is raised',
    async () => {
      await world.metrics.publish([blocked()], 'push');
      return (await raised()) !== undefined;
    },
    25_000,
  );
  expect(await raised()).toMatchObject([{ key: 'default', tps: 10.2 }]);
  const outcome = { kind: 'Applied', to: 10.2, capacity: 10.2 };
  const [held] = (await raised()) ?? [];
  const record = () => world.audited(limit, held?.commandId ?? '');
  await within('the record', async () => (await record()) !== undefined);
  expect(await record()).toMatchObject({ outcome });
}, 40_000);

/** A second of calls above the limit, in Azure's diagnostic form. */
function blocked(): Uint8Array {
  const record = {
    ...{ count: 1, total: 5, minimum: 5, maximum: 5, average: 5 },
    resourceId: account.toUpperCase(),
    time: new Date(Date.now() - 1000).toISOString(),
    metricName: 'BlockedCalls',
    timeGrain: 'PT1S',
    RatelimitKey: 'Default',
    BlockedBy: 'Rate',
  };
  return Buffer.from(JSON.stringify({ records: [record] }));
}
