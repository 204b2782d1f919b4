import { describe, expect, test } from '@jest/globals';
import { after, hourMs, topicMessageId } from '@headroom/core';
import { begin, deployment, poolId, VirtualSubscription } from './virtual-subscription.ts';

/** `a` uses all of its 20k tokens a minute and has calls throttled; `b` uses a twelfth of its 40k. */
const demand = {
  a: { tokens: 333, served: 3, throttled: 7 },
  b: { tokens: 55, served: 1 },
};
const busyAndIdle = { a: 20, b: 40 };
const term = { at: begin, until: after(begin, hourMs), owner: 'ann', reason: 'launch' };

describe('a quota pool in the log', () => {
  test('moves quota from the idle deployment to the throttled one: down before up', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    subscription.run(90, demand);
    expect(subscription.actions).toEqual(['b 40 → 10', 'a 20 → 50']);
    expect(subscription.free).toBe(0);
  });

  test('says why in words', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    subscription.run(90, demand);
    const [down] = subscription.decisions.filter(({ outcome }) => outcome !== 'Hold');
    expect(down).toMatchObject({
      reason: 'QuotaMoved',
      outcome: 'ScaleIn',
      target: deployment('b'),
    });
    expect(down?.trail.map(({ answer }) => answer).join()).toMatch(
      /^moved 30k TPM from b, idle at \d+ %, to a, \d+ throttled calls a minute$/,
    );
  });

  test('an action is one message with its command, of an id of its own', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    subscription.run(90, demand);
    const ids = subscription.messages.map(topicMessageId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const message of subscription.messages) {
      if (message.kind === 'scale') expect(message.command.id).toBe(message.decision?.id);
    }
  });

  test('takes nobody below what it uses, and nobody silent', () => {
    const subscription = new VirtualSubscription({ a: 20, b: 40 }, { quota: 60 });
    subscription.run(120, { a: demand.a, b: { tokens: 600, served: 10 } });
    expect(subscription.actions).toEqual([]);
    expect(subscription.decisions.at(-1)).toMatchObject({ reason: 'NoAvailableCapacity' });
  });

  test('stolen on the way, quota goes back to whom it was taken from as far as it is there', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    subscription.onScale = ({ target }) => {
      if (target === deployment('a')) subscription.stolen = 25;
      return 'carryOut';
    };
    subscription.run(180, demand);
    expect(subscription.free).toBeGreaterThanOrEqual(0);
    expect(subscription.capacity('b')).toBeGreaterThanOrEqual(10);
    expect(subscription.actions.at(0)).toBe('b 40 → 10');
  });

  test('a command that nobody began is given up, and the capacities read', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    subscription.onScale = () => 'lost';
    subscription.run(90, demand);
    subscription.onScale = undefined;
    subscription.run(240, demand);
    expect(subscription.capacity('a')).toBe(50);
  });

  test('a cut anywhere changes nothing', () => {
    const whole = new VirtualSubscription(busyAndIdle, { quota: 60 }).run(180, demand);
    const cut = new VirtualSubscription(busyAndIdle, { quota: 60 });
    for (let second = 0; second < 180; second += 9) {
      cut.run(9, demand);
      cut.restart();
    }
    expect(cut.decisions).toEqual(whole.decisions);
  });

  test('made an observer in the middle of a move, it brings the move to its end', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    subscription.onScale = () => {
      subscription.onScale = undefined;
      subscription.apply({ mode: 'observe' });
      return 'carryOut';
    };
    subscription.run(100, demand);
    expect(subscription.free).toBe(0);
    expect(subscription.capacity('a')).toBe(50);
  });

  test('a clock that is ahead makes nobody idle', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    const busy = { tokens: 600, served: 10 };
    for (let second = 0; second < 180; second++) {
      subscription.ahead('a', { tokens: 1, served: 1, throttled: 1 }, 120_000);
      subscription.run(1, { a: demand.a, b: busy });
    }
    expect(subscription.actions).toEqual([]);
  });

  test.each([
    ['pause', 'Paused'],
    ['freeze', 'Frozen'],
  ] as const)('%s begins no move', (kind, reason) => {
    const subscription = new VirtualSubscription(busyAndIdle, {
      quota: 60,
      overrides: [{ kind, ...term }],
    });
    subscription.run(90, demand);
    expect(subscription.actions).toEqual([]);
    expect(subscription.decisions.at(-1)).toMatchObject({ target: poolId, reason });
  });

  test('mode observe decides and moves nothing', () => {
    const subscription = new VirtualSubscription(busyAndIdle, {
      quota: 60,
      policy: { mode: 'observe' },
    });
    subscription.run(100, demand);
    expect(subscription.actions).toEqual(['b 40 → 10', 'a 20 → 50']);
    expect(subscription.capacity('a')).toBe(20);
    expect(subscription.messages.filter(({ kind }) => kind === 'scale')).toEqual([]);
  });

  test('an account that fell silent gives nothing: missing is not idle', () => {
    const subscription = new VirtualSubscription(busyAndIdle, { quota: 60 });
    subscription.run(600, {});
    expect(subscription.actions).toEqual([]);
    expect(subscription.decisions.at(-1)).toMatchObject({ reason: 'NotTriggered' });
  });
});
