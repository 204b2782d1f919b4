import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { PartitionFold, ruleReasons } from '@headroom/core';
import type { LogEvent } from '@headroom/core';
import { decodeSnapshot, encodeSnapshot } from '@headroom/wire';
import { Disagreed, Duel, identity } from './duel.ts';
import type { Engine } from './duel.ts';
import { MadeRun } from './made-run.ts';
import { Random } from './random.ts';
import { runMany } from './run-many.ts';
import { instantOf, localOf } from './zone.ts';

describe('the engine and the reference', () => {
  test('agree on every evaluation of made-up logs', () => {
    const seed = Date.now() % 1_000_000_000;
    const result = runMany({ seed, evaluations: 5_000, runs: Infinity });
    // The text names the seed and how to run it again.
    expect({ seed, agreed: result.agreed, text: result.agreed ? '' : result.text }).toEqual({
      seed,
      agreed: true,
      text: '',
    });
  });

  test('agree although the engine dies now and then and begins with what it saved', () => {
    for (let seed = 500; seed < 515; seed++) {
      const made = new MadeRun(new Random(seed));
      made.play(new Duel(made.target, new Map(), engineThatDies(seed % 40)));
    }
  });

  test('find every reason there', () => {
    const result = runMany({ seed: 4_000, evaluations: 10_000, runs: Infinity });
    expect(result.text).toContain('agree');
    expect([...result.reasons.keys()].sort()).toEqual([...ruleReasons].sort());
  });
});

test.each(['evaluate', 'rules', 'window', 'standing', 'history', 'profile', 'zone', 'plain'])(
  'the reference shares no code with the engine: %s.ts',
  (name) => {
    const text = readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8');
    const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from);
    const own = /^\.\/(rules|window|standing|history|profile|zone|plain|durations)\.ts$/;
    expect(imported.filter((from) => from !== 'moment-timezone' && !own.test(from!))).toEqual([]);
  },
);

/** Every so many messages another one goes on from its snapshot, as the store gives it back. */
function engineThatDies(afterMessages: number): Engine {
  let fold = new PartitionFold(identity);
  let messages = 0;
  return {
    applyMessage: (sequence, enqueuedAt, events) => {
      if (++messages % (afterMessages + 1) === 0) {
        const saved = decodeSnapshot(encodeSnapshot(fold.snapshot()));
        if (!saved.ok) throw new Error(JSON.stringify(saved.error));
        fold = PartitionFold.restore(identity, saved.value);
      }
      return fold.applyMessage(sequence, enqueuedAt, events);
    },
  };
}

/** Folds less than there is. */
function engineWithout(isLost: (event: LogEvent) => boolean): Engine {
  const fold = new PartitionFold(identity);
  return {
    applyMessage: (sequence, enqueuedAt, events) =>
      fold.applyMessage(
        sequence,
        enqueuedAt,
        events.filter((event) => !isLost(event)),
      ),
  };
}

describe('an engine that is wrong is found out', () => {
  test.each<[string, (event: LogEvent) => boolean]>([
    ['it passes outcomes over', ({ kind }) => kind === 'outcome'],
    ['it passes capacities over', ({ kind }) => kind === 'capacity'],
    ['it passes samples over', ({ kind }) => kind === 'frame'],
    [
      'it keeps to the first version',
      (event) => event.kind === 'setting' && event.version.version > 1,
    ],
  ])('%s', (_, isLost) => {
    const play = (seed: number) => {
      const made = new MadeRun(new Random(seed));
      made.play(new Duel(made.target, new Map(), engineWithout(isLost)));
    };
    expect(() => {
      for (let seed = 0; seed < 40; seed++) play(seed);
    }).toThrow(Disagreed);
  });
});

describe("the reference's wall clocks", () => {
  const berlin = 'Europe/Berlin';
  test.each([
    ['an ordinary time', Date.UTC(2026, 0, 5, 9), Date.UTC(2026, 0, 5, 8)],
    ['a skipped one: the first instant after the gap', at(3, 29, 2, 30), at(3, 29, 1)],
    ['the end of the gap', at(3, 29, 3), at(3, 29, 1)],
    ['a repeated one: the first', at(10, 25, 2, 30), at(10, 25, 0, 30)],
  ])('%s', (_, local, instant) => {
    expect(instantOf(local, berlin)).toBe(instant);
  });

  test('show what they showed', () => {
    expect(localOf(at(7, 1, 12), berlin)).toBe(at(7, 1, 14));
    expect(localOf(at(7, 1, 12), 'Australia/Lord_Howe')).toBe(at(7, 1, 22, 30));
  });

  function at(month: number, day: number, hour: number, minute = 0): number {
    return Date.UTC(2026, month - 1, day, hour, minute);
  }
});
