import { expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import type { Decision, TopicMessage } from '@headroom/core';
import type { EventLog } from '@headroom/runtime';
import { createEvents } from './events.ts';

const breach = 'account: 5.00 of 5.00 USD an hour are used';
const target = targetId('/accounts/vision/ratelimits/default');

/** A decision to hold for a cap that is used up, if nothing else is said. */
function decided(changes: Partial<Decision> = {}, spend: object = { breach }): TopicMessage {
  const decision = {
    ...{ id: 'd', target, mode: 'act', outcome: 'NoAction', reason: 'SpendGuard' },
    ...{ record: 'change', at: instant(0), capacity: { before: 10, proposed: 10, after: 10 } },
    limit: { spend },
    ...changes,
  };
  return { kind: 'decision', decision } as unknown as TopicMessage;
}

function told(...messages: readonly TopicMessage[]) {
  const lines: (readonly [string, object | undefined])[] = [];
  const log: EventLog = {
    info: () => undefined,
    warn: (event, fields) => void lines.push([event, fields]),
    error: () => undefined,
  };
  const events = createEvents(log);
  events.published(messages);
  return { lines, counters: events.log.counters() };
}

test('a cap in money that is used up is a warning, and counted', () => {
  const { lines, counters } = told(decided(), decided({ record: 'action', outcome: 'ScaleIn' }));
  const line = ['spend.breached', { decision: 'd', target, breach }];
  expect(lines).toEqual([line, line]);
  expect(counters).toMatchObject({ 'spend.breached': 2 });
});

test.each<[string, TopicMessage]>([
  ['a raise that a cap bounds', decided({}, { boundTps: 20 })],
  ['a decision that something else made', decided({ reason: 'Paused' })],
  ['an evaluation of auditLevel all', decided({ record: 'all' })],
])('%s is none', (_, message) => {
  const { lines, counters } = told(message);
  expect(lines).toEqual([]);
  expect(counters).not.toHaveProperty(['spend.breached']);
});

test('what a shadow would do is counted apart, without a line', () => {
  const action = { record: 'action', outcome: 'ScaleOut', reason: 'ScaleOutRule' } as const;
  const { lines, counters } = told(
    decided({ ...action, shadow: 'lower' }, {}),
    decided(action, {}),
  );
  expect(lines).toEqual([]);
  expect(counters).toMatchObject({ 'shadows.ScaleOut': 1, 'decided.ScaleOut': 1 });
});
