import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askedTokens } from './asked-tokens.ts';

test.each<[string, object]>([
  ['{}', { answers: 1, stream: false }],
  ['{"max_tokens":10,"n":3,"stream":true}', { completionMax: 10, answers: 3, stream: true }],
  ['{ "max_completion_tokens" : 7 , "best_of": 2 }', { completionMax: 7, answers: 2 }],
  ['{"model":"gpt-4o","max_output_tokens":5}', { model: 'gpt-4o', completionMax: 5 }],
  ['{"max_tokens":1,"max_tokens":900}', { completionMax: 900 }],
  ['{"max\\u005ftokens":12}', { completionMax: 12 }],
  ['{"max_tokens":1e3}', { completionMax: 1000 }],
  ['{"max_tokens":10.5}', { completionMax: 11 }],
  ['{"a":{"max_tokens":1},"b":["n",{"n":9}],"max_tokens":2}', { completionMax: 2, answers: 1 }],
  ['{"a":"\\"max_tokens\\":4","max_tokens":2}', { completionMax: 2 }],
  ['{"a":"\\\\","max_tokens":2}', { completionMax: 2 }],
  ['{"max_tokens":10,"prompt":"it breaks o', { completionMax: 10 }],
])('%s', (text, expected) => {
  expect(askedTokens(Buffer.from(text))).toMatchObject(expected);
});

test('a number that is cut off, a text or a negative one is none', () => {
  for (const text of ['{"max_tokens":10', '{"max_tokens":"10"}', '{"max_tokens":-1}', '', '[1,2']) {
    expect(askedTokens(Buffer.from(text)).completionMax).toBeUndefined();
  }
});

test('it finds what a parser finds, whatever stands around it', () => {
  const around = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(around, fc.nat(1e6), fc.boolean(), (others, amount, pretty) => {
      const body = {
        ...others,
        max_tokens: amount,
        max_completion_tokens: 0,
        max_output_tokens: 0,
      };
      const text = JSON.stringify(body, undefined, pretty ? 2 : 0);
      expect(askedTokens(Buffer.from(text)).completionMax).toBe(amount);
    }),
  );
});
