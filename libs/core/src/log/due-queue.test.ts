import { describe, expect, test } from '@jest/globals';
import type { Instant } from '../lang/instant.ts';
import { DueQueue } from './due-queue.ts';

/** A queue of names, and the due times that it asks for. */
function queueOf() {
  const dueAt = new Map<string, Instant>();
  const queue = new DueQueue<string>((key) => dueAt.get(key));
  return {
    set(key: string, ms: number) {
      dueAt.set(key, ms as Instant);
      queue.push(ms as Instant, key);
    },
    unset: (key: string) => dueAt.delete(key),
    firstAt: () => queue.firstAt,
    take: (ms: number) => [...new Set(queue.take(ms as Instant))].sort(),
  };
}

describe('a queue of due times', () => {
  test('gives each key once its time has come', () => {
    const queue = queueOf();
    queue.set('a', 1_500);
    queue.set('b', 7_000);
    expect(queue.take(1_499)).toEqual([]);
    expect(queue.take(1_500)).toEqual(['a']);
    expect(queue.take(60_000)).toEqual(['b']);
    expect(queue.take(60_000)).toEqual([]);
  });

  test('passes over a key where it was before it moved', () => {
    const queue = queueOf();
    queue.set('a', 5_000);
    queue.set('a', 9_000);
    expect(queue.take(5_000)).toEqual([]);
    expect(queue.take(9_000)).toEqual(['a']);
  });

  test('keeps whoever is due later in a second when time jumped over one that a key had moved out of', () => {
    const queue = queueOf();
    queue.set('stays', 7_900);
    queue.set('moved', 5_000);
    queue.set('moved', 7_950);
    expect(queue.take(7_000)).toEqual([]);
    expect(queue.take(7_960)).toEqual(['moved', 'stays']);
  });

  test('tells the second in which the first key is due, wherever others were', () => {
    const queue = queueOf();
    expect(queue.firstAt()).toBeUndefined();
    queue.set('a', 5_500);
    queue.set('b', 7_900);
    expect(queue.firstAt()).toBe(5_000);
    queue.set('a', 9_000);
    expect(queue.firstAt()).toBe(7_000);
    queue.unset('b');
    expect(queue.firstAt()).toBe(9_000);
    expect(queue.take(9_000)).toEqual(['a']);
    queue.unset('a');
    expect(queue.firstAt()).toBeUndefined();
  });
});
