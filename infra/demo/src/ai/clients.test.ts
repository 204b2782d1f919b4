import { expect, test } from '@jest/globals';
import { trafficOf } from '../traffic.ts';
import { callsOf } from './clients.ts';

const steady = trafficOf([
  { second: 0, requestsPerS: 10 },
  { second: 1200, requestsPerS: 10 },
]);

function perSecond(account: string, seconds: readonly number[]): number {
  const calls = seconds.flatMap((second) => callsOf(second * 1000, steady));
  return calls.filter((call) => call.account === account).length / seconds.length;
}

const range = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, place) => from + place);

test('calls follow the traffic, parts of one too', () => {
  expect(perSecond('vision', range(0, 60))).toBeCloseTo(15, 1);
  expect(perSecond('openai', range(0, 60))).toBeCloseTo(2.7, 1);
});

test('one client goes wild for a while', () => {
  expect(perSecond('translator', range(0, 60))).toBe(2);
  expect(perSecond('translator', range(130, 175))).toBe(32);
  expect(perSecond('translator', range(175, 300))).toBe(2);
});

test('a trace takes the place of the calls of models, and begins anew', () => {
  const trace = [
    { second: 0, promptTokens: 10, answerTokens: 5 },
    { second: 3, promptTokens: 20, answerTokens: 0 },
    { second: 3, promptTokens: 30, answerTokens: 7 },
  ];
  const most = (second: number) =>
    callsOf(second * 1000, steady, trace)
      .filter(({ caller, account }) => account === 'openai' && caller === 'app')
      .map(({ body }) => (JSON.parse(body) as { max_tokens: number }).max_tokens)
      .sort();
  expect([0, 1, 2, 3, 4, 7].map(most)).toEqual([[5], [], [], [1, 7], [5], [1, 7]]);
});
