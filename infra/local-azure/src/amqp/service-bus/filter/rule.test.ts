import { describe, expect, test } from '@jest/globals';
import type { RuleFilter } from '../../entities.ts';
import { filteredMessage } from './filtered-message.ts';
import { compileRule } from './rule.ts';

const message = filteredMessage(
  [
    'm-1',
    null,
    'there',
    'scale',
    'back',
    'c-1',
    'text/plain',
    null,
    null,
    null,
    's-1',
    null,
    'r-1',
  ],
  new Map<string, string | number | boolean>([
    ['kind', 'scale'],
    ['count', 3],
    ['urgent', true],
  ]),
);

function matches(filter: RuleFilter): boolean {
  return compileRule({ name: 'rule', filter })(message);
}

describe('a correlation filter', () => {
  test.each<[Omit<RuleFilter & { kind: 'correlation' }, 'kind'>, boolean]>([
    [{ label: 'scale' }, true],
    [{ label: 'Scale' }, false],
    [{ messageId: 'm-1', to: 'there', replyTo: 'back', correlationId: 'c-1' }, true],
    [{ contentType: 'text/plain', sessionId: 's-1', replyToSessionId: 'r-1' }, true],
    [{ label: 'scale', correlationId: 'c-2' }, false],
    [{ properties: { kind: 'scale', COUNT: 3, urgent: true } }, true],
    [{ properties: { count: '3' } }, false],
    [{ properties: { absent: '' } }, false],
    [{ label: 'scale', properties: { kind: 'read' } }, false],
  ])('%j → %s', (filter, expected) => {
    expect(matches({ kind: 'correlation', ...filter })).toBe(expected);
  });

  test('without a condition is refused', () => {
    expect(() => matches({ kind: 'correlation' })).toThrow(/no condition/);
  });
});

test('a rule with an action is refused', () => {
  const rule = { name: 'tag', filter: { kind: 'sql', expression: '1=1' }, action: 'SET a = 1' };
  expect(() => compileRule(rule as Parameters<typeof compileRule>[0])).toThrow(
    /'tag' has an action .* not supported/,
  );
});
