import { expect, test } from '@jest/globals';
import { targetId } from '@headroom/core';
import type { EventLog } from '@headroom/runtime';
import { createEvents } from './events.ts';

const [vision, speech] = [targetId('/accounts/vision'), targetId('/accounts/speech')];

test('calls refused for money are counted, and told once a minute for each account', () => {
  const lines: unknown[] = [];
  const silent = () => undefined;
  const log: EventLog = {
    ...{ info: silent, error: silent },
    warn: (event, fields) => void lines.push([event, fields]),
  };
  const events = createEvents(log);
  for (const account of [vision, vision, speech, vision]) {
    events.blocked(account, { by: 'Spend', key: 'default' });
  }
  events.blocked(vision, { by: 'Rate', key: 'default' });
  expect(lines).toEqual([
    ['spend.reached', { account: vision, limit: 'default' }],
    ['spend.reached', { account: speech, limit: 'default' }],
  ]);
  expect(events.log.counters()).toMatchObject({ 'blocked.Spend': 4, 'blocked.Rate': 1 });
});
