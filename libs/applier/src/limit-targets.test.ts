import { describe, expect, test } from '@jest/globals';
import { after, hourMs, limitTarget, minuteMs, partitionOf, secondMs } from '@headroom/core';
import type { CommandSource, LimitChange, ScaleCommand } from '@headroom/core';
import { DependencyUnavailable, ProviderUnavailable } from '@headroom/ports';
import type { LimitController } from '@headroom/ports';
import { createApplier } from './applier.ts';
import { account, accountSetting, command, limit, start } from './fixture.ts';
import type { CommandWish } from './fixture.ts';
import { outcomeOf, partitions, Scene } from './scene.fixture.ts';

/** A scene with the account's setting: its limit begins at 2 calls a second. */
async function sceneWithAccount(policy: Parameters<typeof accountSetting>[0] = {}) {
  const scene = new Scene();
  await scene.settings.write(accountSetting(policy));
  return scene;
}

const raise = (id: string, wish: CommandWish = {}): ScaleCommand =>
  command(id, { target: limit, to: 2.9, ...wish });

const inForce = async (scene: Scene) => (await scene.limits.read(account))?.limits[0];

const setBySomebody = (scene: Scene, change: Partial<LimitChange>) =>
  scene.limits.set({
    account,
    key: 'default',
    tps: 7,
    commandId: 'x',
    claimedAt: start,
    ...change,
  });

/** A gateway that does not answer one kind of call until then. */
function awayFor(scene: Scene, call: 'read' | 'set', ms: number): LimitController {
  const back = after(start, ms);
  const or = <T>(of: 'read' | 'set', answer: () => Promise<T>): Promise<T> =>
    of === call && scene.clock.now() < back
      ? Promise.reject(new ProviderUnavailable('the webhook', 'away'))
      : answer();
  return {
    read: (of) => or('read', () => scene.limits.read(of)),
    set: (change) => or('set', () => scene.limits.set(change)),
  };
}

async function liveWith(scene: Scene, limits: LimitController, ms: number): Promise<void> {
  const applier = createApplier({ ...scene.ports, limits });
  for (let passed = 0; passed < ms; passed += secondMs) {
    await scene.queue.deliver((message) => applier.handle(message));
    await scene.clock.advance(secondMs);
  }
}

describe('a command for a limit', () => {
  test('is applied at once: started, then one outcome with the limit in force', async () => {
    const scene = await sceneWithAccount();
    const outcome = await outcomeOf(scene, raise('a'), 0);
    expect(outcome).toMatchObject({ kind: 'Applied', to: 2.9, capacity: 2.9 });
    expect(outcome).toMatchObject({ reachedProvider: true, detail: 'It has 2.9 calls/s now.' });
    expect(scene.signals.events(1).map(({ event }) => event.kind)).toEqual(['started', 'outcome']);
    const position = { logId: 'log', partition: 1, sequence: 0 };
    const held = { key: 'default', tps: 2.9, commandId: 'a', position, claimedAt: start };
    expect(await inForce(scene)).toEqual(held);
    expect(scene.queue.waiting).toEqual([]);
  });

  test('finds the default of the account’s setting where nobody set the limit', async () => {
    const scene = await sceneWithAccount({ approvedTps: { default: 5 } });
    const outcome = await outcomeOf(scene, raise('a'), 0);
    expect(outcome).toMatchObject({ kind: 'Superseded', capacity: 5, reachedProvider: false });
    expect(await outcomeOf(scene, raise('b', { to: 5 }), 0)).toMatchObject({ kind: 'NoOp' });
  });

  test.each<[string, (scene: Scene) => Promise<unknown>, RegExp]>([
    ['whose account has no setting', () => Promise.resolve(), /headroom apply/],
    [
      'that the account’s setting does not have',
      (scene) => {
        const setting = accountSetting();
        const { account: known, ...rest } = setting.document as { account: object };
        const rules = [{ key: 'Vision' }];
        return scene.settings.write({
          ...setting,
          document: { ...rest, account: { ...known, rules } },
        });
      },
      /no such rule.*Vision/,
    ],
  ])('is rejected for a limit %s', async (_, prepare, reason) => {
    const scene = new Scene();
    await prepare(scene);
    const outcome = await outcomeOf(scene, raise('a'), 0);
    expect(outcome).toMatchObject({ kind: 'Rejected', reachedProvider: false });
    expect(outcome.detail).toMatch(reason);
  });

  test('excludes nobody who writes another limit of the account', async () => {
    const scene = await sceneWithAccount();
    await setBySomebody(scene, { key: 'ocr', tps: 2 });
    const target = limitTarget(account, 'ocr');
    scene.queue.send(raise('a'));
    expect(await outcomeOf(scene, raise('b', { target, sequence: 1 }), 0)).toMatchObject({
      kind: 'Applied',
    });
    expect(scene.outcomes.map(({ kind }) => kind)).toEqual(['Applied', 'Applied']);
  });

  test.each<[string, Partial<LimitChange>]>([
    ['a later position', { position: { logId: 'log', partition: 1, sequence: 8 } }],
    ['a later claim from outside', { claimedAt: after(start, 1) }],
  ])('is superseded where %s was faster, with what is in force', async (_, change) => {
    const scene = await sceneWithAccount();
    const limits: typeof scene.ports.limits = {
      read: (of) => scene.limits.read(of),
      set: async (own) => {
        await setBySomebody(scene, change);
        return scene.limits.set(own);
      },
    };
    const applier = createApplier({ ...scene.ports, limits });
    scene.queue.send(raise('a'));
    await scene.queue.deliver((message) => applier.handle(message));
    expect(scene.outcomes).toMatchObject([
      {
        kind: 'Superseded',
        capacity: 7,
        reachedProvider: true,
        detail: expect.stringContaining('7 calls/s'),
      },
    ]);
    expect(await inForce(scene)).toMatchObject({ tps: 7, commandId: 'x' });
  });

  test('that its controller refuses has the reason', async () => {
    const scene = await sceneWithAccount();
    const refused = { kind: 'refused', outcome: 'Rejected', code: '403', detail: 'why' } as const;
    const limits = {
      ...scene.ports.limits,
      read: () => scene.limits.read(account),
      set: () => Promise.resolve(refused),
    };
    const applier = createApplier({ ...scene.ports, limits });
    scene.queue.send(raise('a'));
    await scene.queue.deliver((message) => applier.handle(message));
    expect(scene.outcomes).toMatchObject([{ kind: 'Rejected', capacity: 2, detail: '403: why' }]);
  });

  test.each(['read', 'set'] as const)(
    'waits in its own place when its gateway is away (%s), and others go on',
    async (call) => {
      const scene = await sceneWithAccount();
      const gateway = awayFor(scene, call, 10 * secondMs);
      scene.queue.send(raise('a'));
      scene.queue.send(command('b'));
      await liveWith(scene, gateway, 9 * secondMs);
      expect(scene.outcomes).toMatchObject([{ commandId: 'b', kind: 'Applied' }]);
      expect(scene.queue.waiting.every(({ deliveries }) => deliveries === 0)).toBe(true);
      await liveWith(scene, gateway, 10 * secondMs);
      expect(scene.outcomes[1]).toMatchObject({ commandId: 'a', kind: 'Applied', capacity: 2.9 });
    },
  );

  test.each([
    ['read', 'Expired', 3],
    ['set', 'Failed', 13],
  ] as const)('ends when its gateway stays away (%s): %s', async (call, kind, minutes) => {
    const scene = await sceneWithAccount();
    scene.queue.send(raise('a'));
    const gateway = awayFor(scene, call, 24 * hourMs);
    await liveWith(scene, gateway, minutes * minuteMs);
    expect(scene.outcomes).toMatchObject([{ kind, reachedProvider: call === 'set' }]);
    expect(scene.queue.waiting).toEqual([]);
  });

  test('waits for our own store as for every dependency: receiving stops', async () => {
    const scene = await sceneWithAccount();
    const away = () => Promise.reject(new DependencyUnavailable('Cosmos DB', 'away'));
    const applier = createApplier({ ...scene.ports, limits: { read: away, set: away } });
    const body = { kind: 'command', command: raise('a') } as const;
    const handled = applier.handle({ messageId: 'a', deliveries: 0, body });
    await expect(handled).rejects.toThrow(DependencyUnavailable);
  });

  test.each(['before', 'after'])(
    'is finished by another scaler when the first died %s it was set',
    async (when) => {
      const scene = await sceneWithAccount();
      const limits: typeof scene.ports.limits = {
        read: (of) => scene.limits.read(of),
        set: async (change) => {
          if (when === 'after') await scene.limits.set(change);
          throw new Error('killed');
        },
      };
      const dying = createApplier({ ...scene.ports, limits });
      scene.queue.send(raise('a'));
      await scene.queue.deliver((message) => dying.handle(message));
      expect(scene.outcomes).toEqual([]);
      // At once: a limit's controller refuses the first one, should it still be alive.
      await scene.live(0);
      expect(scene.outcomes).toMatchObject([{ commandId: 'a', kind: 'Applied', capacity: 2.9 }]);
      expect(await inForce(scene)).toMatchObject({ tps: 2.9, commandId: 'a' });
    },
  );
});

describe('from outside, an outcome goes where its target is decided on', () => {
  const source: CommandSource = { kind: 'external', sender: 'ops' };
  // A group whose partition is neither the account's nor the limit's.
  const group = ['a', 'b', 'c', 'd', 'e', 'f'].find((name) => {
    const others = [account, limit].map((target) => partitionOf(target, partitions));
    return !others.includes(partitionOf(name, partitions));
  })!;

  test.each([
    ['the account’s partition', {}, account],
    ['the partition of the account’s group', { group }, group],
  ])('%s', async (_, policy, place) => {
    const scene = await sceneWithAccount(policy);
    await outcomeOf(scene, { ...raise('a'), source }, 0);
    const events = scene.signals.events(partitionOf(place, partitions));
    expect(events.map(({ event }) => event.kind)).toEqual(['started', 'outcome']);
  });

  test('and one from the log to the partition that it came from', async () => {
    const scene = await sceneWithAccount({ group });
    await outcomeOf(scene, raise('a'), 0);
    expect(scene.signals.events(1).map(({ event }) => event.kind)).toEqual(['started', 'outcome']);
  });
});

describe('a question for a limit', () => {
  const query = { model: 'OpenAI/gpt-4o/2024-11-20', skuName: 'Standard', tpsPerUnit: 0.1 };
  const ask = { kind: 'read', id: 'r', target: limit, source: raise('a').source } as const;
  const answer = async (scene: Scene, question: typeof ask & { projection?: typeof query }) => {
    scene.queue.send(question);
    await scene.live(0);
    const [event] = scene.events;
    return event?.kind === 'capacity' ? event.observation : undefined;
  };

  test('is answered with its default where nobody set it, else with what is in force', async () => {
    const fresh = await sceneWithAccount();
    expect(await answer(fresh, ask)).toMatchObject({ target: limit, commandId: 'r', instances: 2 });
    const raised = await sceneWithAccount();
    await setBySomebody(raised, { tps: 7.5 });
    expect(await answer(raised, ask)).toMatchObject({ instances: 7.5 });
  });

  test('is answered without one while its gateway is away', async () => {
    const scene = await sceneWithAccount();
    scene.queue.send(ask);
    await liveWith(scene, awayFor(scene, 'read', minuteMs), secondMs);
    const [event] = scene.events;
    expect(event).toMatchObject({ kind: 'capacity', observation: { detail: 'away' } });
    expect(event).not.toHaveProperty('observation.instances');
  });

  test('is answered with what is available, where it asks', async () => {
    const scene = await sceneWithAccount();
    scene.projection = { kind: 'known', tps: 12.5 };
    expect(await answer(scene, ask)).not.toHaveProperty('availableTps');
    const asking = await sceneWithAccount();
    asking.projection = { kind: 'known', tps: 12.5 };
    const observation = await answer(asking, { ...ask, projection: query });
    expect(observation).toMatchObject({ instances: 2, availableTps: 12.5 });
  });

  test('says why nothing is known of it', async () => {
    const scene = await sceneWithAccount();
    scene.projection = { kind: 'unknown', detail: 'ARM knows no such model.' };
    const observation = await answer(scene, { ...ask, projection: query });
    expect(observation).toMatchObject({
      instances: 2,
      detail: expect.stringContaining('no such model'),
    });
    expect(observation).not.toHaveProperty('availableTps');
  });
});
