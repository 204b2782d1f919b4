import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Sqlite } from '../../sqlite.ts';
import { ArmError } from '../errors.ts';
import { OperationStore } from '../operation-store.ts';
import { Operations } from '../operations.ts';
import { ArmStore } from '../store.ts';
import { Accounts } from './accounts.ts';
import { ModelDeployments } from './deployments.ts';
import { ModelQuota } from './model-quota.ts';

const LIMIT = 100;
const LOCATION = 'eastus';
const ROOT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts';
const properties = { model: { format: 'OpenAI', name: 'gpt-4o' } };
const sku = (capacity: number) => ({ sku: { name: 'Standard', capacity } });

const step = fc.record({
  account: fc.constantFrom('a', 'b'),
  name: fc.constantFrom('x', 'y'),
  kind: fc.constantFrom('put', 'put', 'patch', 'patch', 'remove', 'pass', 'pass', 'pass'),
  units: fc.integer({ min: 1, max: LIMIT }),
  fails: fc.constantFrom(true, false, false, false),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function world() {
  let now = 0;
  let fails = false;
  const sqlite = new Sqlite(':memory:', '');
  const store = new ArmStore(sqlite);
  const operations = new Operations({
    store,
    operations: new OperationStore(sqlite),
    clock: () => now,
    provisioningMs: 1000,
    takeFailure: () => (fails ? { code: 'Broken', message: 'why' } : undefined),
    onSettled: () => undefined,
  });
  const accounts = new Accounts(store, operations);
  const quota = new ModelQuota(store, operations);
  const deployments = new ModelDeployments({ store, operations, accounts, quota });
  const usageName = 'OpenAI.Standard.gpt-4o';
  quota.setLimit({ subscription: 's', location: LOCATION, usageName, limit: LIMIT });
  for (const name of ['a', 'b']) {
    const body = { location: LOCATION, kind: 'OpenAI', sku: { name: 'S0' } };
    accounts.put(`${ROOT}/${name}`, body);
  }
  const run = ({ account, name, kind, units, fails: failing }: Step): void => {
    fails = failing;
    const id = `${ROOT}/${account}/deployments/${name}`;
    if (kind === 'pass') now += 600;
    operations.settle();
    if (kind === 'put') deployments.put(id, { ...sku(units), properties });
    if (kind === 'patch') deployments.patch(id, sku(units));
    if (kind === 'remove') deployments.remove(id);
  };
  const used = (): unknown => quota.usages('s', LOCATION)[0]?.['currentValue'];
  const shown = (): number =>
    ['a', 'b']
      .flatMap((name) => deployments.list(`${ROOT}/${name}`))
      .reduce((sum, { properties: of }) => {
        const { provisioningState, currentCapacity } = of as Record<string, unknown>;
        return provisioningState === 'Succeeded' ? sum + Number(currentCapacity) : sum;
      }, 0);
  return { run, used, shown, close: () => sqlite.close() };
}

test('whatever is asked for, deployments together stay within the quota', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 60, size: 'max' }), (steps) => {
      const { run, used, shown, close } = world();
      for (const each of steps) {
        try {
          run(each);
        } catch (error) {
          if (!(error instanceof ArmError)) throw error;
        }
        expect(used()).toBeLessThanOrEqual(LIMIT);
        expect(shown()).toBeLessThanOrEqual(Number(used()));
      }
      close();
    }),
    { numRuns: 25 },
  );
});
