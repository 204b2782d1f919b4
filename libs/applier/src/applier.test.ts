import { describe, expect, test } from '@jest/globals';
import { after, instant, minuteMs, partitionOf, secondMs, targetId } from '@headroom/core';
import { DependencyUnavailable, ProviderUnavailable } from '@headroom/ports';
import { MemoryTarget } from '@headroom/memory';
import { createApplier } from './applier.ts';
import type { ApplierPorts } from './applier-ports.ts';
import { blue, command, green, start } from './fixture.ts';
import { outcomeOf, partitions, Scene } from './scene.fixture.ts';

describe('a command', () => {
  test('is applied: started, then one outcome with the capacity, in its partition', async () => {
    const scene = new Scene();
    const outcome = await outcomeOf(scene, command('a'));
    expect(outcome).toMatchObject({ kind: 'Applied', to: 4, capacity: 4, reachedProvider: true });
    expect(scene.signals.events(1).map(({ event }) => event.kind)).toEqual(['started', 'outcome']);
    expect(scene.targets.capacity(blue)).toBe(4);
    expect(scene.ledger.heads).toMatchObject([{ state: { kind: 'done', delivered: true } }]);
  });

  test('holds no message while the operation runs', async () => {
    const scene = new Scene();
    scene.queue.send(command('a'));
    await scene.live(0);
    expect(scene.queue.waiting.map(({ body }) => body.kind)).toEqual(['followUp']);
  });

  test('does nothing where the capacity is there', async () => {
    const scene = new Scene();
    const outcome = await outcomeOf(scene, command('a', { to: 2 }));
    expect(outcome).toMatchObject({ kind: 'NoOp', capacity: 2, reachedProvider: false });
    expect(scene.targets.requests).toEqual([]);
  });

  test('is superseded where another capacity is found, and says which', async () => {
    const scene = new Scene();
    scene.targets.deploy(blue, 7);
    const outcome = await outcomeOf(scene, command('a'));
    expect(outcome).toMatchObject({ kind: 'Superseded', capacity: 7 });
    expect(outcome.detail).toContain('found 7');
  });

  test('is superseded by one that was decided later', async () => {
    const scene = new Scene();
    await outcomeOf(scene, command('b', { sequence: 9 }));
    const older = command('a', { sequence: 8, expectedCapacity: 4, to: 6 });
    expect(await outcomeOf(scene, older)).toMatchObject({ kind: 'Superseded', capacity: 4 });
    expect(scene.targets.requests).toHaveLength(1);
  });

  test('expires by our clock', async () => {
    const scene = new Scene();
    await scene.clock.advance(2 * minuteMs + 1);
    expect(await outcomeOf(scene, command('a'))).toMatchObject({ kind: 'Expired', capacity: 2 });
  });

  test.each([
    ['is no kind that we scale', targetId('/subscriptions/s/providers/x.y/z/1')],
    ['does not exist', targetId(blue.replace('blue', 'red'))],
  ])('is rejected when its target %s', async (_, target) => {
    const outcome = await outcomeOf(new Scene(), command('a', { target }));
    expect(outcome).toMatchObject({ kind: 'Rejected', reachedProvider: false });
    expect(outcome.detail).toContain(target);
    expect(outcome).not.toHaveProperty('capacity');
  });

  test.each(['Rejected', 'QuotaExceeded', 'CapacityUnavailable'] as const)(
    'says %s where the provider refuses it at once or at the end',
    async (outcome) => {
      const refused = { kind: 'refused', outcome, code: 'Code', detail: 'why' } as const;
      const atOnce = new Scene();
      atOnce.targets.fail('scale', refused);
      const atTheEnd = new Scene();
      atTheEnd.targets.fail('poll', refused);
      const expected = { kind: outcome, capacity: 2, reachedProvider: true, detail: 'Code: why' };
      expect(await outcomeOf(atOnce, command('a'))).toMatchObject(expected);
      expect(await outcomeOf(atTheEnd, command('a'))).toMatchObject(expected);
    },
  );

  test('from outside has no position; its outcome goes to the partition of its target', async () => {
    const scene = new Scene();
    const external = { ...command('a'), source: { kind: 'external', sender: 'ops' } } as const;
    await outcomeOf(scene, external);
    const events = scene.signals.events(partitionOf(blue, partitions));
    expect(events.map(({ event }) => event.kind)).toEqual(['started', 'outcome']);
  });

  test('keeps its first value where the id comes with another', async () => {
    const scene = new Scene();
    scene.queue.send(command('a'));
    await scene.live(0);
    await outcomeOf(scene, command('a', { to: 9 }));
    expect(scene.targets.requests).toMatchObject([{ to: 4 }]);
  });
});

describe('a busy endpoint', () => {
  test('lets the next command wait for its turn', async () => {
    const scene = new Scene();
    scene.queue.send(command('a'));
    const outcome = await outcomeOf(scene, command('b', { target: green }), minuteMs);
    expect(outcome).toMatchObject({ kind: 'Applied', capacity: 4 });
    expect(scene.outcomes.map(({ commandId }) => commandId)).toEqual(['a', 'b']);
  });

  test('lets it expire when the operation takes longer than startBy', async () => {
    const scene = new Scene();
    const slow = new MemoryTarget({ clock: scene.clock, provisioningMs: 10 * minuteMs });
    slow.deploy(blue, 2);
    slow.deploy(green, 2);
    // Somebody else's operation: we learn of it from the provider alone.
    await slow.scale(blue, 3);
    const applier = createApplier({ ...scene.ports, targets: slow });
    scene.queue.send(command('b', { target: green }));
    for (let passed = 0; passed < 130; passed++) {
      await scene.queue.deliver((message) => applier.handle(message));
      await scene.clock.advance(secondMs);
    }
    expect(scene.outcomes).toMatchObject([{ commandId: 'b', kind: 'Expired', capacity: 2 }]);
  });

  test('that says so only when asked gets the claim back', async () => {
    const scene = new Scene();
    const busy = { kind: 'busy', detail: '', retryAfterMs: secondMs } as const;
    let replies = 1;
    const targets: ApplierPorts['targets'] = {
      exclusionKey: (target) => scene.targets.exclusionKey(target),
      read: (target) => scene.targets.read(target),
      poll: (operation) => scene.targets.poll(operation),
      scale: (target, to) =>
        replies-- > 0 ? Promise.resolve(busy) : scene.targets.scale(target, to),
    };
    const applier = createApplier({ ...scene.ports, targets });
    scene.queue.send(command('a'));
    await scene.queue.deliver((message) => applier.handle(message));
    expect(scene.targets.requests).toEqual([]);
    await scene.clock.advance(secondMs);
    await scene.live(15 * secondMs);
    expect(scene.outcomes).toMatchObject([{ kind: 'Applied' }]);
  });
});

describe('a success that is none', () => {
  test('is corrected once', async () => {
    const scene = new Scene();
    scene.queue.send(command('a'));
    await scene.live(8 * secondMs - 1);
    await scene.targets.read(blue);
    scene.targets.deploy(blue, 3);
    await scene.live(20 * secondMs);
    expect(scene.targets.requests).toMatchObject([{ to: 4 }, { to: 4 }]);
    expect(scene.outcomes).toMatchObject([{ kind: 'Applied', capacity: 4 }]);
  });

  test('twice has failed', async () => {
    const scene = new Scene();
    const { targets } = scene;
    const stubborn: ApplierPorts['targets'] = {
      exclusionKey: (target) => targets.exclusionKey(target),
      read: () => Promise.resolve({ kind: 'capacity', instances: 2, busy: false }),
      poll: (operation) => targets.poll(operation),
      scale: (target, to) => targets.scale(target, to),
    };
    const applier = createApplier({ ...scene.ports, targets: stubborn });
    scene.queue.send(command('a'));
    for (let passed = 0; passed < 40; passed++) {
      await scene.queue.deliver((message) => applier.handle(message));
      await scene.clock.advance(secondMs);
    }
    expect(targets.requests).toHaveLength(2);
    expect(scene.outcomes).toMatchObject([{ kind: 'Failed', capacity: 2, reachedProvider: true }]);
  });
});

describe('a provider that is away', () => {
  test('is told to the queue, and the command waits for it', async () => {
    const scene = new Scene();
    scene.targets.fail('read', { kind: 'unavailable' });
    const message = { messageId: 'a', deliveries: 0 } as const;
    const body = { kind: 'command', command: command('a') } as const;
    await expect(scene.applier.handle({ ...message, body })).rejects.toThrow(ProviderUnavailable);
    expect(await outcomeOf(scene, command('a'))).toMatchObject({ kind: 'Applied' });
  });

  test('after the claim leaves it open; the value is sent again a minute later', async () => {
    const scene = new Scene();
    scene.targets.fail('scale', { kind: 'unavailable' });
    const outcome = await outcomeOf(scene, command('a'), 90 * secondMs);
    expect(outcome).toMatchObject({ kind: 'Applied', capacity: 4 });
    expect(scene.targets.requests).toMatchObject([{ to: 4 }]);
    expect(scene.targets.requests[0]!.at - start).toBeGreaterThanOrEqual(minuteMs);
  });

  test('whose answer was lost is not asked twice: what it did is adopted', async () => {
    const scene = new Scene();
    scene.targets.fail('scale', { kind: 'answerLost' });
    const outcome = await outcomeOf(scene, command('a'), 90 * secondMs);
    expect(outcome).toMatchObject({ kind: 'Applied', capacity: 4, reachedProvider: true });
    expect(scene.targets.requests).toHaveLength(1);
  });
});

test('a claim whose write took too long is not used', async () => {
  const scene = new Scene();
  let slow = true;
  const ledger: ApplierPorts['ledger'] = {
    read: (key) => scene.ledger.read(key),
    replace: async (head, etag) => {
      const replaced = await scene.ledger.replace(head, etag);
      if (slow) await scene.clock.advance(11 * secondMs);
      slow = false;
      return replaced;
    },
  };
  const applier = createApplier({ ...scene.ports, ledger });
  scene.queue.send(command('a'));
  await scene.queue.deliver((message) => applier.handle(message));
  expect(scene.targets.requests).toEqual([]);
  await scene.live(30 * secondMs);
  expect(scene.outcomes).toMatchObject([{ kind: 'Applied' }]);
});

test('an operation that nobody looks after is ended by the next command', async () => {
  const scene = new Scene();
  const lost = command('lost', { target: green });
  await scene.ledger.replace(
    {
      exclusionKey: scene.targets.exclusionKey(green)!,
      command: lost,
      state: { kind: 'claimed', claimedAt: instant(start - 20 * minuteMs) },
      positions: [],
      recent: [],
    },
    undefined,
  );
  expect(await outcomeOf(scene, command('a'), minuteMs)).toMatchObject({ kind: 'Applied' });
  expect(scene.outcomes.map(({ commandId }) => commandId)).toEqual(['lost', 'a']);
});

test('an operation that never ends has failed after two hours', async () => {
  const scene = new Scene();
  const { targets } = scene;
  const endless: ApplierPorts['targets'] = {
    exclusionKey: (target) => targets.exclusionKey(target),
    read: () => Promise.resolve({ kind: 'capacity', instances: 2, busy: true }),
    poll: () => Promise.resolve({ kind: 'running', retryAfterMs: minuteMs }),
    scale: (target, to) => targets.scale(target, to),
  };
  const started = createApplier({ ...scene.ports });
  scene.queue.send(command('a'));
  await scene.queue.deliver((message) => started.handle(message));
  const applier = createApplier({ ...scene.ports, targets: endless });
  for (let passed = 0; passed < 125; passed++) {
    await scene.queue.deliver((message) => applier.handle(message));
    await scene.clock.advance(minuteMs);
  }
  expect(scene.outcomes).toMatchObject([{ kind: 'Failed', capacity: 2, reachedProvider: true }]);
  expect(scene.queue.waiting).toEqual([]);
});

describe('a question for the capacity', () => {
  const read = (target = blue) =>
    ({ kind: 'read', id: 'r', target, source: command('a').source }) as const;

  test('is answered in the log', async () => {
    const scene = new Scene();
    scene.queue.send(read());
    await scene.live(0);
    expect(scene.events).toMatchObject([
      { kind: 'capacity', observation: { target: blue, commandId: 'r', instances: 2 } },
    ]);
  });

  test('of something that is not there has no instances, and a reason', async () => {
    const scene = new Scene();
    scene.queue.send(read(targetId('/subscriptions/s/providers/x.y/z/1')));
    await scene.live(0);
    const [event] = scene.events;
    expect(event).toMatchObject({ observation: { detail: expect.stringContaining('no kind') } });
    expect(event).not.toHaveProperty('observation.instances');
  });
});

describe('a dead letter', () => {
  test('yields an outcome with the capacity', async () => {
    const scene = new Scene();
    const broken = createApplier({
      ...scene.ports,
      ledger: {
        read: () => Promise.reject(new Error('bug')),
        replace: () => Promise.reject(new Error('bug')),
      },
    });
    scene.queue.send(command('a'));
    for (let delivery = 0; delivery < 10; delivery++) {
      await scene.queue.deliver((message) => broken.handle(message));
    }
    await scene.live(0);
    expect(scene.outcomes).toMatchObject([
      { kind: 'DeadLettered', capacity: 2, reachedProvider: false },
    ]);
    expect(scene.queue.deadLetters).toEqual([]);
  });

  test('of a command that ended repeats its outcome', async () => {
    const scene = new Scene();
    const outcome = await outcomeOf(scene, command('a'));
    const body = { kind: 'command', command: command('a') } as const;
    const dead = { messageId: 'a', deliveries: 10, deadLetterReason: 'test', body };
    await scene.applier.handleDeadLetter(dead);
    expect(scene.outcomes).toEqual([outcome]);
  });

  test('that cannot be read yields one where its command and target can be told', async () => {
    const scene = new Scene();
    scene.queue.sendBody('m', { kind: 'unreadable', problem: 'to: expected a number' });
    scene.queue.sendBody('n', {
      kind: 'unreadable',
      problem: 'to: expected a number',
      commandId: 'n',
      target: blue,
    });
    await scene.live(0);
    expect(scene.outcomes).toMatchObject([{ commandId: 'n', kind: 'DeadLettered', capacity: 2 }]);
    expect(scene.outcomes[0]!.detail).toContain('to: expected a number');
  });
});

test('a dependency that is away is passed on as it is', async () => {
  const scene = new Scene();
  const away = new DependencyUnavailable('ledger', 'away');
  const ledger = { read: () => Promise.reject(away), replace: () => Promise.reject(away) };
  const applier = createApplier({ ...scene.ports, ledger });
  const body = { kind: 'command', command: command('a') } as const;
  await expect(applier.handle({ messageId: 'a', deliveries: 0, body })).rejects.toBe(away);
});

test('the run ends when it is told to', async () => {
  const scene = new Scene();
  const end = new AbortController();
  const run = scene.applier.run(end.signal);
  scene.queue.send(command('a', { to: 2, at: after(start, 1) }));
  while (scene.outcomes.length === 0) await scene.clock.advance(1);
  end.abort();
  await run;
  expect(scene.outcomes).toMatchObject([{ kind: 'NoOp' }]);
});
