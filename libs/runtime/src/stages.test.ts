import { describe, expect, test } from '@jest/globals';
import { backoffMs } from './backoff.ts';
import type { EventLog } from './log.ts';
import { createStages } from './stages.ts';
import type { Stage } from './stages.ts';

const log: EventLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
const options = { log, fatal: (error: unknown) => error instanceof RangeError };

/** Works until it is asked to end. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

describe('stages', () => {
  test('run side by side until the signal aborts, and are ready meanwhile', async () => {
    const begun = Promise.withResolvers<unknown>();
    const end = new AbortController();
    const stage: Stage = {
      run: (signal) => {
        begun.resolve(undefined);
        return untilAborted(signal);
      },
    };
    const stages = createStages({ a: stage, b: { run: untilAborted } }, options);
    expect(stages.checks.a()).toEqual({ ready: false, state: 'waiting' });
    const run = stages.run(end.signal);
    await begun.promise;
    expect(stages.checks.a()).toEqual({ ready: true, state: 'running', failures: 0 });
    end.abort();
    await run;
    expect(stages.checks.b()).toEqual({ ready: false, state: 'ended' });
  });

  test('one whose dependency is away says so and begins again until it is there', async () => {
    const end = new AbortController();
    const seen: unknown[] = [];
    let asked = 0;
    const stage: Stage = {
      probe: () => {
        seen.push(stages.checks.store());
        asked += 1;
        return asked < 3 ? Promise.reject(new Error('store is away')) : Promise.resolve();
      },
      run: (signal) => {
        end.abort();
        return untilAborted(signal);
      },
    };
    const stages = createStages({ store: stage }, options);
    await stages.run(end.signal);
    expect(seen).toEqual([
      { ready: false, state: 'connecting' },
      { ready: false, state: 'pausing', failures: 1, problem: 'store is away' },
      { ready: false, state: 'pausing', failures: 2, problem: 'store is away' },
    ]);
  });

  test('one that ends by itself begins again', async () => {
    const end = new AbortController();
    let runs = 0;
    const run = () => {
      runs += 1;
      if (runs === 2) end.abort();
      return Promise.resolve();
    };
    await createStages({ a: { run } }, options).run(end.signal);
    expect(runs).toBe(2);
  });

  test.each([
    ['a programmer’s error', new TypeError('broken')],
    ['one that the service calls fatal', new RangeError('broken')],
  ])('%s ends them all', async (_name, error) => {
    const broken: Stage = { run: () => Promise.reject(error) };
    let ended = false;
    const other: Stage = {
      run: async (signal) => {
        await untilAborted(signal);
        ended = true;
      },
    };
    const { signal } = new AbortController();
    const run = createStages({ broken, other }, options).run(signal);
    await expect(run).rejects.toThrow('broken');
    expect(ended).toBe(true);
  });
});

test('the pause doubles up to its cap', () => {
  const limits = { firstMs: 200, maxMs: 10_000 };
  const pauses = [1, 2, 3, 6, 7, 1_000].map((failures) => backoffMs(failures, limits));
  expect(pauses).toEqual([200, 400, 800, 6_400, 10_000, 10_000]);
});
