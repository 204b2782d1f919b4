import { describe, expect, test } from '@jest/globals';
import { defaultPolicy } from '@headroom/core';
import type { MissingDataPolicy, Policy } from '@headroom/core';
import { encodePolicy, parsePolicy } from './policy.ts';

const azure: MissingDataPolicy = { kind: 'default' };
const lastGood: MissingDataPolicy = { kind: 'lastGood', ttlMs: 600_000 };

test.each<[string, unknown, Partial<Policy>]>([
  ['nothing', {}, {}],
  ['a mode', { mode: 'observe' }, { mode: 'observe' }],
  ['whose cooldown', { cooldownFrom: 'lastFiredRule' }, { cooldownFrom: 'lastFiredRule' }],
  ['pre-emption', { scaleOutPreemptsCooldown: true }, { scaleOutPreemptsCooldown: true }],
  ['a budget', { flapBudget: 60 }, { flapBudget: 60 }],
  ['a ladder', { capacityLadder: [0, 1, 2, 4] }, { capacityLadder: [0, 1, 2, 4] }],
  [
    'one word for missing data',
    { missingData: 'hold' },
    { missingData: { out: { kind: 'hold' }, in: { kind: 'hold' }, rules: [] } },
  ],
  [
    'failUp, which is for out rules',
    { missingData: 'failUp' },
    { missingData: { out: { kind: 'failUp' }, in: azure, rules: [] } },
  ],
  [
    'a last good value in ISO',
    { missingData: 'lastGood(PT10M)' },
    { missingData: { out: lastGood, in: lastGood, rules: [] } },
  ],
  [
    'or in short',
    { missingData: { out: 'lastGood(10m)' } },
    { missingData: { out: lastGood, in: azure, rules: [] } },
  ],
  [
    'choices of single rules',
    {
      missingData: {
        rules: [
          { profile: 'Nights', rule: 1, use: 'lastGood(600s)' },
          { rule: 0, use: 'hold' },
        ],
      },
    },
    {
      missingData: {
        out: azure,
        in: azure,
        rules: [
          { profile: 'Nights', rule: 1, use: lastGood },
          { rule: 0, use: { kind: 'hold' } },
        ],
      },
    },
  ],
])('%s', (_, document, expected) => {
  const parsed = parsePolicy(document);
  expect(parsed).toEqual({ ok: true, value: { ...defaultPolicy, ...expected } });
  const policy = parsed.ok ? parsed.value : defaultPolicy;
  expect(parsePolicy(encodePolicy(policy))).toEqual(parsed);
});

describe('what is wrong is told with its field', () => {
  test.each<[string, unknown, RegExp]>([
    ['moed', { moed: 'observe' }, /there are mode, auditLevel, cooldownFrom/],
    ['mode', { mode: 'recommend' }, /recommend comes with a later version: use act or observe/],
    ['mode', { mode: 'floor' }, /floor comes with a later version/],
    ['mode', { mode: 'dry' }, /act, observe/],
    ['auditLevel', { auditLevel: 'some' }, /changes, all/],
    ['cooldownFrom', { cooldownFrom: 'both' }, /candidateRule, lastFiredRule/],
    ['scaleOutPreemptsCooldown', { scaleOutPreemptsCooldown: 'yes' }, /true or false/],
    ['flapBudget', { flapBudget: 0 }, /1 to 60/],
    ['flapBudget', { flapBudget: 61 }, /1 to 60/],
    ['flapBudget', { flapBudget: 1.5 }, /1 to 60/],
    ['capacityLadder', { capacityLadder: [] }, /empty/],
    ['capacityLadder', { capacityLadder: [1, 4, 2] }, /ascending/],
    ['capacityLadder', { capacityLadder: [1, 1] }, /ascending/],
    ['capacityLadder[1]', { capacityLadder: [1, 2.5] }, /whole number/],
    ['capacityLadder', { capacityLadder: Array.from({ length: 101 }, (_, i) => i) }, /100/],
    ['missingData', { missingData: 'zero' }, /hold, default, failUp or lastGood/],
    ['missingData', { missingData: 7 }, /hold, default, failUp or lastGood/],
    ['missingData', { missingData: 'lastGood' }, /lastGood\(PT10M\)/],
    ['missingData', { missingData: 'lastGood(soon)' }, /1 second to 24 hours/],
    ['missingData', { missingData: 'lastGood(P2D)' }, /24 hours/],
    ['missingData.in', { missingData: { in: 'failUp' } }, /out rules only/],
    ['missingData.both', { missingData: { both: 'hold' } }, /there are out, in, rules/],
    [
      'missingData.rules[0].rule',
      { missingData: { rules: [{ rule: -1, use: 'hold' }] } },
      /from 0/,
    ],
    ['missingData.rules[0].use', { missingData: { rules: [{ rule: 0 }] } }, /hold, default/],
    [
      'missingData.rules[0].name',
      { missingData: { rules: [{ rule: 0, use: 'hold', name: 'x' }] } },
      /there are profile, rule, use/,
    ],
    ['v', { v: 2 }, /version 1 only/],
  ])('%s: %j', (field, document, message) => {
    expect(parsePolicy(document)).toEqual({
      ok: false,
      error: [{ field, message: expect.stringMatching(message) }],
    });
  });
});
