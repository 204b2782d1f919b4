import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { instant, secondMs, targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { connectArm, createMlDeployment } from '@headroom/azure-arm';
import type { NewMlDeployment } from '@headroom/azure-arm';
import { MemoryTarget, VirtualClock } from '@headroom/memory';
import { ProviderUnavailable } from '@headroom/ports';
import type { OperationProgress } from '@headroom/ports';
import { armAccess, claim, nowhere, place, throughArm } from './arm-targets.ts';
import { useLocalAzure } from './local-azure.ts';
import { quietLog } from './quiet-log.ts';
import { scaleTargetContract } from './scale-target-contract.ts';

const azure = useLocalAzure({ provisioningMs: 200 });
const access = () => armAccess(azure);

const workspace = {
  ...place,
  workspace: 'Workspace',
  instanceType: 'Standard_DS3_v2',
};

function idOf({ subscription, resourceGroup, workspace, endpoint, deployment }: NewMlDeployment) {
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
  const provider = 'providers/Microsoft.MachineLearningServices';
  const parent = `${group}/${provider}/workspaces/${workspace}/onlineEndpoints/${endpoint}`;
  return targetId(`${parent}/deployments/${deployment}`);
}

function wish(endpoint: string, deployment: string, instances: number): NewMlDeployment {
  return { ...workspace, endpoint, deployment, instances };
}

scaleTargetContract('memory', () => {
  const clock = new VirtualClock(instant(0));
  const options = { clock, provisioningMs: 5 * secondMs };
  const targets = new MemoryTarget(options);
  const away = new MemoryTarget(options);
  for (const call of ['read', 'scale', 'poll'] as const) away.fail(call, { kind: 'unavailable' });
  return Promise.resolve({
    targets,
    elsewhere: targets,
    away,
    awayHandle: (operation) => operation,
    deploy: (endpoint, instances) => {
      const [blue, green] = ['blue', 'green'].map((name) => idOf(wish(endpoint, name, instances)));
      targets.deploy(blue!, instances);
      targets.deploy(green!, instances);
      return Promise.resolve({ blue: blue!, green: green! });
    },
    pass: () => clock.advance(secondMs),
    close: () => Promise.resolve(),
  });
});

scaleTargetContract(
  'ML deployments of the embedded Azure',
  throughArm(access, async (endpoint, instances) => {
    await createMlDeployment(wish(endpoint, 'blue', instances), access());
    await createMlDeployment(wish(endpoint, 'green', instances), access());
    const ids = ['blue', 'green'].map((name) => idOf(wish(endpoint, name, instances)));
    return { blue: ids[0]!, green: ids[1]! };
  }),
);

describe('azure-arm', () => {
  const made = async (name: string, instances: number): Promise<TargetId> => {
    await createMlDeployment(wish(name, 'blue', instances), access());
    return idOf(wish(name, 'blue', instances));
  };
  const outcome = async (target: TargetId, to: number): Promise<OperationProgress> => {
    const targets = connectArm(access(), quietLog);
    const reply = await targets.scale(target, to, claim);
    if (reply.kind === 'refused') return reply;
    if (reply.kind !== 'accepted') throw new Error(reply.kind);
    for (;;) {
      const progress = await targets.poll(reply.operation);
      if (progress.kind !== 'running') return progress;
      await pause(20);
    }
  };

  test('creates a deployment once', async () => {
    const one = wish('once', 'blue', 2);
    expect(await createMlDeployment(one, access())).toBe('created');
    expect(await createMlDeployment({ ...one, instances: 9 }, access())).toBe('found');
    const targets = connectArm(access(), quietLog);
    expect(await targets.read(idOf(one))).toMatchObject({ instances: 2, busy: false });
  });

  test('says what Azure says when a deployment cannot be created', async () => {
    const creating = createMlDeployment(wish('never', 'blue', 0), access());
    await expect(creating).rejects.toThrow(/could not create never\/blue\. BadArgument: sku/);
  });

  test('a capacity out of range is rejected with the reason', async () => {
    const refused = { kind: 'refused', outcome: 'Rejected', code: 'BadArgument' };
    expect(await outcome(await made('range', 1), 51)).toMatchObject(refused);
  });

  test.each([
    ['OutOfQuota', 'QuotaExceeded'],
    ['OutOfCapacity', 'CapacityUnavailable'],
    ['InternalServerError', 'Failed'],
  ])('an operation that ends %s is %s', async (code, expected) => {
    const target = await made(`fails-${code.toLowerCase()}`, 1);
    azure.current().control.failNextOperation(code, 'why');
    const refused = { kind: 'refused', outcome: expected, code, detail: 'why' };
    expect(await outcome(target, 2)).toEqual(refused);
  });

  test('the capacity that is there already ends at once', async () => {
    expect(await outcome(await made('same', 3), 3)).toEqual({ kind: 'succeeded' });
  });

  test.each([
    [
      'that Azure has forgotten',
      (at: string) => at.replaceAll(/(Status|Results)\/[0-9a-f-]+/g, '$1/x'),
    ],
    ['whose address is gone', (at: string) => at.replaceAll(access().endpoint ?? '', nowhere)],
  ])('an operation %s is told by the deployment', async (name, lose) => {
    const target = await made(name.replaceAll(' ', '-'), 1);
    const targets = connectArm(access(), quietLog);
    const reply = await targets.scale(target, 2, claim);
    if (reply.kind !== 'accepted') throw new Error(reply.kind);
    const lost = lose(reply.operation);
    expect(lost).not.toBe(reply.operation);
    expect(await targets.poll(lost)).toMatchObject({ kind: 'running' });
    while ((await targets.poll(reply.operation)).kind === 'running') await pause(20);
    expect(await targets.poll(lost)).toEqual({ kind: 'succeeded' });
  });

  test('a wrong token is a dependency to wait for, not a fault of the command', async () => {
    const target = await made('token', 1);
    const targets = connectArm({ ...access(), token: 'wrong' }, quietLog);
    await expect(targets.read(target)).rejects.toThrow(ProviderUnavailable);
  });
});
