import { expect, test } from '@jest/globals';
import { busyAndIdle, stateOf } from './quota.fixture.ts';
import { planMove } from './plan-move.ts';

test.each([
  ['what it seems to need, from the idle one', busyAndIdle(), [20, 40], [40, 20]],
  ['not below the guarantee', busyAndIdle({ b: { guarantee: 35 } }), [20, 40], [25, 35]],
  ['not above the maximum', busyAndIdle({ a: { maximum: 28 } }), [20, 40], [28, 32]],
  ['in allowed steps', busyAndIdle({ a: { minimum: 5, step: 15 } }), [20, 40], [35, 25]],
  ['to allowed values', busyAndIdle({ a: { allowedValues: [10, 20, 32] } }), [20, 40], [32, 28]],
  ['the donor too', busyAndIdle({ b: { allowedValues: [15, 40] } }), [20, 40], [40, 15]],
])('moves %s', (_, input, before, after) => {
  const plan = planMove(input);
  expect(plan).toMatchObject({
    kind: 'move',
    ups: [{ target: 'a', from: before[0], to: after[0] }],
    downs: [{ target: 'b', from: before[1], to: after[1] }],
  });
});

test('says what it moves, from whom and why', () => {
  expect(planMove(busyAndIdle())).toMatchObject({
    text: 'moved 20k TPM from b, idle at 10 %, to a, 50 throttled calls a minute',
  });
});

test('with a reserve above what is needed, and below what is given', () => {
  const policy = { ...busyAndIdle().policy, reserve: 0.2 };
  const input = busyAndIdle({ b: { guarantee: 0 } });
  const use: typeof input.use = (target) =>
    target === 'b' ? { throttled: 0, served: 10, used: 10 } : input.use(target);
  expect(planMove({ ...input, policy, use })).toMatchObject({
    ups: [{ to: 48 }],
    downs: [{ to: 12 }],
  });
});

test('a burst that has just begun gets half of what nobody uses', () => {
  const input = busyAndIdle();
  const use: typeof input.use = (target) =>
    target === 'a' ? { throttled: 1, served: 99, used: 20 } : input.use(target);
  expect(planMove({ ...input, use })).toMatchObject({ ups: [{ to: 35 }], downs: [{ to: 25 }] });
});

test('takes free quota first', () => {
  const input = { ...busyAndIdle(), state: stateOf(20, 40, 30) };
  expect(planMove(input)).toMatchObject({ ups: [{ target: 'a', to: 50 }], downs: [] });
});

test.each([
  ['nobody is idle', { used: 30 }],
  ['the other one has calls throttled too, at its maximum', { throttled: 1, used: 4 }],
])('holds where %s', (_, other) => {
  const input = busyAndIdle({ b: { maximum: 40 } });
  const seen = { throttled: 0, served: 10, ...other };
  const use: typeof input.use = (target) => (target === 'b' ? seen : input.use(target));
  expect(planMove({ ...input, use })).toEqual({ kind: 'hold', why: 'NoAvailableCapacity' });
});

test('missing use is not zero: it gives nothing', () => {
  const input = busyAndIdle();
  const use: typeof input.use = (target) => (target === 'b' ? undefined : input.use(target));
  expect(planMove({ ...input, use })).toEqual({ kind: 'hold', why: 'NoAvailableCapacity' });
});
