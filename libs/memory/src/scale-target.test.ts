import { describe, expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import { ProviderUnavailable } from '@headroom/ports';
import type { ProviderRefusal, ScaleReply } from '@headroom/ports';
import { MemoryTarget } from './scale-target.ts';
import { VirtualClock } from './virtual-clock.ts';

const blue = targetId('/w/onlineEndpoints/e/deployments/blue');
const green = targetId('/w/onlineEndpoints/e/deployments/green');
const quota: ProviderRefusal = {
  kind: 'refused',
  outcome: 'QuotaExceeded',
  code: 'OutOfQuota',
  detail: 'no cores left',
};

function setUp(): { clock: VirtualClock; target: MemoryTarget } {
  const clock = new VirtualClock(instant(0));
  const target = new MemoryTarget({ clock, provisioningMs: 8_000 });
  target.deploy(blue, 2);
  return { clock, target };
}

function handleOf(reply: ScaleReply): string {
  if (reply.kind !== 'accepted') throw new Error(`not accepted: ${reply.kind}`);
  return reply.operation;
}

describe('a deployment', () => {
  test('has its new capacity when the operation ends', async () => {
    const { clock, target } = setUp();
    const operation = handleOf(await target.scale(blue, 5));
    await clock.advance(7_999);
    expect(await target.read(blue)).toEqual({ kind: 'capacity', instances: 2, busy: true });
    expect(await target.poll(operation)).toMatchObject({ kind: 'running' });
    await clock.advance(1);
    expect(await target.read(blue)).toEqual({ kind: 'capacity', instances: 5, busy: false });
    expect(await target.poll(operation)).toEqual({ kind: 'succeeded' });
    expect(target.requests).toEqual([{ target: blue, to: 5, at: 0 }]);
  });

  test('is busy while another of its endpoint is scaled', async () => {
    const { target } = setUp();
    target.deploy(green, 1);
    await target.scale(green, 2);
    expect(await target.scale(blue, 3)).toMatchObject({ kind: 'busy' });
    expect(target.exclusionKey(blue)).toBe(target.exclusionKey(green));
  });

  test('that is not there is not found, and refused', async () => {
    const { target } = setUp();
    expect(await target.read(green)).toMatchObject({ kind: 'notFound' });
    expect(await target.scale(green, 2)).toMatchObject({ kind: 'refused', outcome: 'Rejected' });
    expect(target.exclusionKey(targetId('/something/else'))).toBeUndefined();
  });
});

describe('a planned failure', () => {
  test('hits the next call only', async () => {
    const { target } = setUp();
    target.fail('read', { kind: 'unavailable', retryAfterMs: 300 });
    await expect(target.read(blue)).rejects.toMatchObject({ retryAfterMs: 300 });
    expect(await target.read(blue)).toMatchObject({ instances: 2 });
  });

  test('may refuse the request, or end the operation without effect', async () => {
    const { clock, target } = setUp();
    target.fail('scale', quota);
    expect(await target.scale(blue, 5)).toEqual(quota);
    const operation = handleOf(await target.scale(blue, 5));
    target.fail('poll', quota);
    expect(await target.poll(operation)).toEqual(quota);
    await clock.advance(10_000);
    expect(target.capacity(blue)).toBe(2);
  });

  test('may lose the answer of a request that took effect', async () => {
    const { clock, target } = setUp();
    target.fail('scale', { kind: 'answerLost' });
    await expect(target.scale(blue, 5)).rejects.toBeInstanceOf(ProviderUnavailable);
    await clock.advance(8_000);
    expect(target.capacity(blue)).toBe(5);
  });
});
