import { describe, expect, test } from '@jest/globals';
import { defaultQuotaPoolPolicy, defaultRateLimitPolicy } from '@headroom/core';
import type { RateLimitPolicy } from '@headroom/core';
import { encodeRateLimitPolicy, parseRateLimitPolicy } from './policy.ts';
import { encodeQuotaPoolPolicy, parseQuotaPoolPolicy } from './quota-pool.ts';

const everyOption = {
  mode: 'observe',
  auditLevel: 'all',
  pace: 'azure',
  growth: 'demand',
  decay: { kind: 'linear', idle: '90s' },
  maximumTps: 500,
  approvedTps: { Vision: 40 },
  approvedBecause: { VISION: { by: 'ann', because: 'the launch in May' } },
  capacity: { kind: 'arm', model: 'OpenAI/m/1', skuName: 'Standard', tpsPerUnit: 0.1 },
  group: 'backend-we',
  anomalyFactor: 10,
  spend: {
    currency: 'EUR',
    caps: [
      { of: 'account', per: 'hour', amount: 12.5 },
      { of: 'group', per: 'month', amount: 0.000001 },
    ],
    prices: [
      { key: '*', perCall: 0.001 },
      { key: 'Chat', perThousandInputTokens: 0.15, perThousandOutputTokens: 0.6 },
    ],
  },
  gateway: {
    whenAway: 'open',
    callerShareMax: 0.5,
    tokenLimits: [{ deployment: 'chat', tokensPerMinute: 60_000 }],
  },
};

describe('a policy for limits', () => {
  test('nothing said is the default', () => {
    expect(parseRateLimitPolicy({})).toEqual({ ok: true, value: defaultRateLimitPolicy });
  });

  test('every option, with keys in lower case and money in millionths', () => {
    expect(valueOf(everyOption)).toMatchObject({
      decay: { kind: 'linear', idleMs: 90_000 },
      approvedTps: { vision: 40 },
      approvedBecause: { vision: { by: 'ann', because: 'the launch in May' } },
      spend: {
        caps: [{ amountMicros: 12_500_000 }, { amountMicros: 1 }],
        prices: [
          { key: '*', perCallMicros: 1000, perInputTokenMicros: 0, perOutputTokenMicros: 0 },
          { key: 'chat', perCallMicros: 0, perInputTokenMicros: 150, perOutputTokenMicros: 600 },
        ],
      },
    });
  });

  test.each([everyOption, {}, { decay: { kind: 'hold' } }, { capacity: { kind: 'learned' } }])(
    'what was encoded is read as the same: %#',
    (document) => {
      const policy = valueOf(document);
      expect(valueOf(encodeRateLimitPolicy(policy))).toEqual(policy);
    },
  );

  test('amounts that no floating number holds exactly stay what they are', () => {
    for (let micros = 1; micros < 9e14; micros = micros * 7 + 3) {
      const amount = Number(`${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`);
      const spend = { ...everyOption.spend, caps: [{ of: 'account', per: 'day', amount }] };
      expect(valueOf({ spend }).spend?.caps[0]?.amountMicros).toBe(micros);
    }
  });

  const { spend } = everyOption;
  test.each([
    [{ pacce: 'fast' }, 'pacce', 'write pace; there are mode, auditLevel, pace'],
    [{ pace: 'slow' }, 'pace', 'expected one of fast, azure'],
    [{ decay: { kind: 'drop', idel: '1m' } }, 'decay.idel', 'write idle'],
    [{ decay: { kind: 'drop', idle: '10' } }, 'decay.idle', 'such as PT10M'],
    [{ decay: 'hold' }, 'decay', '{"kind": "hold"}'],
    [{ capacity: { kind: 'static' } }, 'capacity.tps', 'expected calls a second'],
    [{ approvedTps: { vision: -1 } }, 'approvedTps.vision', '0 calls a second or more'],
    [{ approvedTps: { vision: '40' } }, 'approvedTps.vision', 'expected calls a second'],
    [
      { approvedTps: { a: 1 }, approvedBecause: { a: { by: 'ann', because: ' ' } } },
      'approvedBecause.a.because',
      'say why',
    ],
    [
      { approvedBecause: { a: { by: 'ann', because: 'so' } } },
      'approvedBecause.a',
      'approvedTps has no such key',
    ],
    [{ maximumTps: 2e6 }, 'maximumTps', 'at most 1000000'],
    [{ anomalyFactor: 0.5 }, 'anomalyFactor', '1 or more'],
    [{ gateway: { callerShareMax: 0 } }, 'gateway.callerShareMax', 'more than 0'],
    [{ spend: { ...spend, caps: [] } }, 'spend.caps', 'name a cap'],
    [
      { spend: { ...spend, caps: [{ of: 'account', per: 'hour', amount: 0.0000001 }] } },
      'spend.caps[0].amount',
      'at most six decimals',
    ],
    [
      { spend: { ...spend, caps: [{ of: 'account', per: 'week', amount: 1 }] } },
      'spend.caps[0].per',
      'hour, day, month',
    ],
  ])('%j is refused', (document, field, message) => {
    expect(parseRateLimitPolicy(document)).toEqual({
      ok: false,
      error: [{ field, message: expect.stringContaining(message) }],
    });
  });
});

test('more than a message has room for is refused', () => {
  const approvedTps = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`${'k'.repeat(200)}${index}`, 1]),
  );
  expect(parseRateLimitPolicy({ approvedTps })).toEqual({
    ok: false,
    error: [{ field: '', message: expect.stringContaining('bytes are too many') }],
  });
});

describe('a policy for a quota pool', () => {
  test('nothing said is the default, and what was encoded is read as the same', () => {
    expect(parseQuotaPoolPolicy({})).toEqual({ ok: true, value: defaultQuotaPoolPolicy });
    const policy = { ...defaultQuotaPoolPolicy, mode: 'observe', everyMs: 90_000 } as const;
    expect(parseQuotaPoolPolicy(encodeQuotaPoolPolicy(policy))).toEqual({
      ok: true,
      value: policy,
    });
  });

  test.each([
    [{ idelBelow: 0.5 }, 'idelBelow', 'write idleBelow'],
    [{ idleBelow: 2 }, 'idleBelow', 'from 0 to 1'],
    [{ every: 60 }, 'every', 'such as PT10M'],
  ])('%j is refused', (document, field, message) => {
    expect(parseQuotaPoolPolicy(document)).toEqual({
      ok: false,
      error: [{ field, message: expect.stringContaining(message) }],
    });
  });
});

function valueOf(document: unknown): RateLimitPolicy {
  const parsed = parseRateLimitPolicy(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}
