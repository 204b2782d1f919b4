import { expect, test } from '@jest/globals';
import { defaultRule } from '@headroom/core';
import type { ThrottlingRule } from '@headroom/core';
import { RuleMatch } from './rule-match.ts';

function rule(key: string, ...patterns: readonly string[]): ThrottlingRule {
  const matchPatterns = patterns.map((pattern) => {
    const [method = '*', path = '*'] = pattern.split(' ');
    return { method, path };
  });
  return { ...defaultRule, key, matchPatterns };
}

/** Shaped like an account of Azure Vision. */
const vision = [
  rule('read', 'POST vision/recognizeText', 'GET vision/textOperations/*', '* vision/read/*'),
  rule('vision', '* vision/*'),
  rule('billing', '* billing/*'),
  rule('default', '* *'),
];

test.each([
  ['POST', '/vision/recognizeText', 'read'],
  ['POST', '/VISION/recognizetext/', 'read'],
  ['GET', '/vision/recognizeText', 'vision'],
  ['POST', '/vision/recognizeText/more', 'vision'],
  ['GET', '/vision/textOperations/42', 'read'],
  ['POST', '/vision/textOperations/42', 'vision'],
  ['PUT', '/vision/read/analyze', 'read'],
  ['POST', '/vision/v3.2/read', 'vision'],
  ['POST', '/visions', 'default'],
  ['POST', '/billing/record', 'billing'],
  ['GET', '/', 'default'],
])('%s %s falls under %s, in whatever order rules stand', (method, path, key) => {
  expect(new RuleMatch(vision).find(method, path).key).toBe(key);
  expect(new RuleMatch([...vision].reverse()).find(method, path).key).toBe(key);
});

test('a whole path goes before one with a star, a named method before any', () => {
  const rules = [rule('any', '* a/b*'), rule('post', 'POST a/b*'), rule('whole', '* a/b')];
  const match = new RuleMatch(rules);
  expect(match.find('POST', '/a/b').key).toBe('whole');
  expect(match.find('POST', '/a/bc').key).toBe('post');
  expect(match.find('GET', '/a/bc').key).toBe('any');
});

test('a star before the end stands for a part of a segment', () => {
  const match = new RuleMatch([rule('chat', '* openai/deployments/*/chat/*'), ...vision]);
  expect(match.find('POST', '/openai/deployments/gpt.4/chat/completions').key).toBe('chat');
  expect(match.find('POST', '/openai/deployments/a/b/chat/completions').key).toBe('default');
});

test('what no pattern matches has the rule default, or the ten calls of everybody', () => {
  const own = { ...rule('Default', 'GET models'), count: 3 };
  expect(new RuleMatch([own]).find('POST', '/other')).toBe(own);
  const match = new RuleMatch([rule('vision', '* vision/*')]);
  expect(match.find('POST', '/other')).toBe(defaultRule);
  expect(match.rules).toContain(defaultRule);
  expect(new RuleMatch(vision).rules).toBe(vision);
});
