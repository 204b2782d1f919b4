import { describe, expect, test } from '@jest/globals';
import { instant, limitMetrics, targetId } from '@headroom/core';
import type { AccountTally, KeyTally } from '@headroom/limiter';
import { decodeMetrics } from '@headroom/wire';
import { Signals } from './signals.ts';

const begin = Date.UTC(2026, 0, 5, 9);
const account = targetId('/subscriptions/s/accounts/vision');
const quiet: KeyTally = {
  ...{ key: 'default', total: 0, successful: 0, blocked: {} },
  ...{ limitTps: 20, shareTps: 10 },
};
const tallyOf = (key: Partial<KeyTally>, changes: Partial<AccountTally> = {}): AccountTally => ({
  ...{ account, keys: [{ ...quiet, ...key }], callers: [], spendMicros: 0, deployments: [] },
  ...changes,
});

/** A limiter whose drains are `tallies`, before a hub that takes what comes unless it is away. */
function world(...tallies: AccountTally[]) {
  const sent: string[] = [];
  const failures: number[] = [];
  const hub = { isAway: false, dropped: 0 };
  const limiter = {
    holder: 'one',
    drain: () => {
      const next = tallies.shift();
      return next === undefined ? [] : [next];
    },
  };
  const publish = async (bodies: readonly Uint8Array[]) => {
    await Promise.resolve();
    if (hub.isAway) throw new Error('away');
    for (const body of bodies) {
      for (const { sample } of decodeMetrics(body, () => true).samples) {
        const { series, time, grainMs, count, total } = sample;
        const dimensions = series.dimensions.map((pair) => pair.join('=')).join(' ');
        const at = (time - begin) / 1_000;
        sent.push(`${at}+${grainMs / 1_000} ${series.metric} ${count}/${total} ${dimensions}`);
      }
    }
  };
  const events = {
    publishFailed: (_error: unknown, waiting: number) => failures.push(waiting),
    dropped: (records: number) => (hub.dropped += records),
  };
  const signals = new Signals({ limiter, publish, events }, instant(begin + 300));
  const beat = (ms: number) => signals.beat(instant(begin + ms));
  return { sent, failures, hub, signals, beat };
}

const limit = (span: string) => `${span} ratelimit 1/20 Instance=one RatelimitKey=default`;

describe('what is told of a second', () => {
  test('Azure’s names and dimensions, and which instance it was', async () => {
    const latency = { count: 2, sumMs: 30, minMs: 10, maxMs: 20 };
    const one = tallyOf(
      { total: 5, successful: 2, blocked: { Rate: 2, Backend: 1 }, latency },
      {
        callers: [{ caller: 'app', calls: 5 }],
        spendMicros: 1_500,
        deployments: [
          { deployment: 'gpt', inputTokens: 7, outputTokens: 9, requests: new Map([[200, 2]]) },
        ],
      },
    );
    const { sent, beat } = world(one);
    await beat(1_000);
    expect(sent).toEqual([
      '0+1 totalcalls 5/5 Instance=one RatelimitKey=default',
      '0+1 successfulcalls 2/2 Instance=one RatelimitKey=default',
      '0+1 blockedcalls 2/2 BlockedBy=Rate Instance=one RatelimitKey=default',
      '0+1 blockedcalls 1/1 BlockedBy=Backend Instance=one RatelimitKey=default',
      limit('0+1'),
      '0+1 latency 2/30 Instance=one RatelimitKey=default',
      '0+1 callercalls 5/5 Caller=app Instance=one',
      '0+1 spend 1/1500 Instance=one',
      '0+1 tokentransaction 1/16 Instance=one ModelDeploymentName=gpt',
      '0+1 azureopenairequests 2/2 Instance=one ModelDeploymentName=gpt StatusCode=200',
    ]);
    const names = Object.values(limitMetrics).map((name) => name.toLowerCase());
    expect(new Set(sent.map((line) => line.split(' ')[1]))).toEqual(new Set(names));
  });

  test('a second in which nothing happened tells the limit', async () => {
    const { sent, beat } = world(tallyOf({}));
    await beat(1_000);
    expect(sent).toEqual([limit('0+1')]);
  });
});

describe('the spans', () => {
  test('end with a second: a beat in the middle of one drains nothing', async () => {
    const { sent, beat } = world(tallyOf({}), tallyOf({}));
    await beat(999);
    expect(sent).toEqual([]);
    await beat(1_001);
    await beat(1_999);
    await beat(2_000);
    expect(sent).toEqual([limit('0+1'), limit('1+1')]);
  });

  test('a process that stood still tells one long span, and a clock that steps back none twice', async () => {
    const { sent, beat } = world(tallyOf({}), tallyOf({}));
    await beat(4_200);
    await beat(2_000);
    await beat(4_900);
    await beat(5_000);
    expect(sent).toEqual([limit('0+4'), limit('4+1')]);
  });

  test('the last one is told at the end', async () => {
    const { sent, beat, signals } = world(tallyOf({}), tallyOf({}));
    await beat(1_000);
    await signals.end(instant(begin + 1_200));
    expect(sent).toEqual([limit('0+1'), limit('1+1')]);
  });
});

describe('a hub that is away', () => {
  test('gets each second later, as it was', async () => {
    const { sent, failures, hub, beat } = world(tallyOf({}), tallyOf({}), tallyOf({}));
    hub.isAway = true;
    await beat(1_000);
    await beat(2_000);
    expect([sent, failures]).toEqual([[], [1, 2]]);
    hub.isAway = false;
    await beat(3_000);
    expect(sent).toEqual([limit('0+1'), limit('1+1'), limit('2+1')]);
  });

  test('costs the oldest seconds in the end, and no more memory', async () => {
    const keys = Array.from({ length: 5_000 }, (_, at) => ({ ...quiet, key: `k${at}` }));
    const many = tallyOf({}, { keys });
    const { sent, hub, beat } = world(many, many, many, many, many, many);
    hub.isAway = true;
    for (let second = 1; second <= 5; second++) await beat(second * 1_000);
    hub.isAway = false;
    await beat(6_000);
    expect(hub.dropped).toBe(10_000);
    expect(sent.length).toBe(20_000);
    expect(sent[0]).toContain('2+1 ');
  });
});
