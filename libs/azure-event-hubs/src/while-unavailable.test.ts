import { describe, expect, test } from '@jest/globals';
import { DependencyUnavailable } from '@headroom/ports';
import { whileUnavailable } from './while-unavailable.ts';

const running = new AbortController().signal;

function failing(times: number, error: Error): { calls: () => number; work: () => Promise<void> } {
  let calls = 0;
  const work = () => (++calls <= times ? Promise.reject(error) : Promise.resolve());
  return { calls: () => calls, work };
}

const down = new DependencyUnavailable('cosmos', 'down', { retryAfterMs: 1 });

describe('doing work again while a dependency is down', () => {
  test('ends with the first success', async () => {
    const { calls, work } = failing(2, down);
    await whileUnavailable(work, running);
    expect(calls()).toBe(3);
  });

  test('gives up after a number of attempts, with the error', async () => {
    const { calls, work } = failing(100, down);
    await expect(whileUnavailable(work, running)).rejects.toBe(down);
    expect(calls()).toBe(6);
  });

  test('leaves every other error alone', async () => {
    const { calls, work } = failing(1, new Error('a bug'));
    await expect(whileUnavailable(work, running)).rejects.toThrow('a bug');
    expect(calls()).toBe(1);
  });

  test('stops when the feed stops', async () => {
    const { calls, work } = failing(100, down);
    await expect(whileUnavailable(work, AbortSignal.abort())).rejects.toBe(down);
    expect(calls()).toBe(1);
  });
});
