import { describe, expect, test } from '@jest/globals';
import type { History } from './check.ts';
import { checkSoFar, checkWhole } from './check.ts';
import type { EventHistory, LoggedEvent, SentBatch } from './events.ts';
import { checkEvents, checkLive } from './events.ts';
import { checkFeed } from './feed.ts';
import type { BusStep } from './messages.ts';
import { checkMessages, REJECTED, TOO_MANY_DELIVERIES } from './messages.ts';
import type { RegisterStep } from './register.ts';
import { ABSENT, checkRegister } from './register.ts';
import type { Violation } from './violation.ts';

// A check that cannot fail is worth nothing: each kind of broken promise is made here once.
const KILL = 3;
const whats = (violations: readonly Violation[]): string[] => violations.map(({ what }) => what);

describe('a value of one writer', () => {
  const wrote = (value: string): RegisterStep => {
    return { kind: 'wrote', value, outcome: 'acknowledged', kill: 1 };
  };
  const tried = (value: string): RegisterStep => {
    return { kind: 'wrote', value, outcome: 'unknown', kill: 1 };
  };
  const read = (value: string): RegisterStep => ({ kind: 'read', value, kill: KILL });
  const of = (...steps: RegisterStep[]): string[] => whats(checkRegister('document d', steps));

  test.each<[string, RegisterStep[]]>([
    ['never written', [read(ABSENT)]],
    ['written', [wrote('1'), read('1'), wrote('2'), read('2')]],
    ['of unknown outcome, done', [wrote('1'), tried('2'), read('2'), read('2')]],
    ['of unknown outcome, not done', [wrote('1'), tried('2'), read('1'), read('1')]],
    ['deleted', [wrote('1'), wrote(ABSENT), read(ABSENT)]],
  ])('%s: kept', (_, steps) => {
    expect(of(...steps)).toEqual([]);
  });

  test.each<[string, RegisterStep[], string]>([
    ['a lost write', [wrote('1'), read(ABSENT)], "reads 'absent', but can only be '1'"],
    ['a write undone', [wrote('1'), wrote('2'), read('1')], "reads '1', but can only be '2'"],
    [
      'a checkpoint that goes back',
      [wrote('1'), tried('2'), read('2'), read('1')],
      "reads '1', but can only be '2'",
    ],
    [
      'a deletion undone',
      [wrote('1'), wrote(ABSENT), read('1')],
      "reads '1', but can only be 'absent'",
    ],
    [
      'half a batch',
      [wrote('1, 1'), tried('2, 2'), read('2, 1')],
      "reads '2, 1', but can only be '1, 1' or '2, 2'",
    ],
  ])('%s is named', (_, steps, what) => {
    expect(of(...steps)).toEqual([what]);
    expect(checkRegister('document d', steps)[0]).toMatchObject({
      where: 'document d',
      kill: KILL,
    });
  });
});

describe('the change feed', () => {
  test('a last version that it never showed is named', () => {
    const final = new Map([
      ['a', '2'],
      ['b', '1'],
      ['c', '1'],
    ]);
    const seen = new Map([
      ['a', '1'],
      ['c', '1'],
      ['gone', '9'],
    ]);
    expect(whats(checkFeed({ seen, final }, KILL))).toEqual([
      'the change feed showed 1, but the document is 2',
      'the change feed showed nothing, but the document is 1',
    ]);
  });
});

describe('events', () => {
  const event = (sequence: number, number: number, changes: Partial<LoggedEvent> = {}) => {
    const [offset, enqueuedMs] = [sequence * 10, 1_000 + sequence];
    return { partition: '0', lane: 'a', sequence, number, offset, enqueuedMs, ...changes };
  };
  const batch = (first: number, count: number, changes: Partial<SentBatch> = {}): SentBatch => {
    return { lane: 'a', first, count, outcome: 'acknowledged', kill: KILL, ...changes };
  };
  const log = [event(0, 0), event(1, 1), event(2, 2)];
  const good: EventHistory = { sent: [batch(0, 1), batch(1, 2)], live: log, log };
  const of = (changes: Partial<EventHistory>): string[] =>
    whats(checkEvents({ ...good, ...changes }, KILL));

  test('an honest log is kept, with and without what had no answer', () => {
    expect(of({})).toEqual([]);
    expect(of({ sent: [...good.sent, batch(3, 2, { outcome: 'unknown' })] })).toEqual([]);
    expect(of({ live: [] })).toEqual([]);
  });

  test.each<[string, Partial<EventHistory>, string]>([
    [
      'an acknowledged batch that is not there',
      { sent: [...good.sent, batch(3, 2)] },
      'acknowledged, but 0 events are there',
    ],
    [
      'half an acknowledged batch',
      { sent: [batch(0, 1), batch(1, 3)] },
      'acknowledged, but 2 events are there',
    ],
    [
      'half a batch without an answer',
      { sent: [batch(0, 1), batch(1, 3, { outcome: 'unknown' })] },
      'of unknown outcome, but 2 events are there',
    ],
    [
      'a gap',
      { live: [], log: [event(0, 0), event(2, 1), event(3, 2)] },
      'sequence number 2 where 1 was to come',
    ],
    [
      'an event that is there twice',
      { live: [], log: [...log, event(3, 2)], sent: [] },
      'event 2 of lane a after its event 2',
    ],
    [
      'an order that changed',
      { live: [], log: [event(0, 0), event(1, 2), event(2, 1)], sent: [] },
      'event 1 of lane a after its event 2',
    ],
    [
      'an offset that goes back',
      { live: [], log: [event(0, 0), event(1, 1, { offset: 0 }), event(2, 2)] },
      'offset 0 after 0',
    ],
    [
      'a time that goes back',
      { live: [], log: [event(0, 0), event(1, 1, { enqueuedMs: 1 }), event(2, 2)] },
      'the time of sequence number 1 lies before that of the one before it',
    ],
    [
      'a batch in two pieces',
      {
        live: [],
        log: [event(0, 0), event(1, 1), event(2, 0, { lane: 'b' }), event(3, 2)],
      },
      'its events lie apart',
    ],
    [
      'a key that changed its partition',
      {
        live: [],
        log: [event(0, 0), event(0, 1, { partition: '1' }), event(1, 2, { partition: '1' })],
      },
      'went to partition 1, those before it to 0',
    ],
    [
      'an event that a consumer saw and that is gone',
      { live: [...log, event(3, 3)] },
      'a consumer saw event 3 of lane a, now it is gone',
    ],
    [
      'an event that a consumer saw and that is another one now',
      { live: [event(0, 0), event(1, 7, { lane: 'b' })] },
      'a consumer saw event 7 of lane b, now it is a 1',
    ],
  ])('%s is named', (_, changes, what) => {
    expect(of(changes)).toContain(what);
  });

  test('a consumer that misses an event, or gets one again, is named while the load goes on', () => {
    expect(whats(checkLive([event(0, 0), event(2, 2)], KILL))).toEqual([
      'sequence number 2 where 1 was to come',
    ]);
    expect(whats(checkLive([event(0, 0), event(0, 0)], KILL))[0]).toBe(
      'sequence number 0 where 1 was to come',
    );
  });
});

describe('messages', () => {
  const about = { path: 'q', id: 'm' };
  const sent = (changes: Partial<BusStep & { kind: 'sent' }> = {}): BusStep => {
    const outcome = 'acknowledged' as const;
    return { kind: 'sent', id: 'm', paths: ['q'], outcome, dueMs: 0, kill: 1, ...changes };
  };
  const delivered = (changes: Partial<BusStep & { kind: 'delivered' }> = {}): BusStep => {
    const counts = { sequence: 5, deliveryCount: 0, atMs: 50, kill: 1 };
    return { kind: 'delivered', ...about, ...counts, ...changes };
  };
  const settled = (
    how: (BusStep & { kind: 'settled' })['how'],
    outcome: 'acknowledged' | 'unknown' = 'acknowledged',
    delivery = 1,
  ): BusStep => ({ kind: 'settled', ...about, how, delivery, outcome, kill: 1 });
  const settling = (how: (BusStep & { kind: 'settling' })['how']): BusStep => {
    return { kind: 'settling', ...about, how, delivery: 1, kill: 1 };
  };
  const dead = (reason: string): BusStep => ({ kind: 'dead', ...about, reason, kill: KILL });
  const cancelled = (outcome: 'acknowledged' | 'unknown'): BusStep => {
    return { kind: 'cancelled', id: 'm', outcome, kill: KILL };
  };
  const again = delivered({ deliveryCount: 1, kill: 2 });

  test.each<[string, BusStep[]]>([
    ['completed', [sent(), delivered(), settled('complete')]],
    ['completed at the second delivery', [sent(), delivered(), again, settled('complete')]],
    ['abandoned, completed', [sent(), delivered(), settled('abandon'), again, settled('complete')]],
    ['completed without an answer, gone', [sent(), delivered(), settled('complete', 'unknown')]],
    [
      'completed without an answer, back',
      [sent(), delivered(), settled('complete', 'unknown'), again, settled('complete')],
    ],
    [
      'completed at the second delivery, before the first abandon was given up',
      [sent(), delivered(), again, settled('complete'), settled('abandon', 'unknown')],
    ],
    ['dead-lettered', [sent(), delivered(), settled('dead-letter'), dead(REJECTED)]],
    ['delivered too often', [sent(), delivered(), settled('abandon'), dead(TOO_MANY_DELIVERIES)]],
    ['completed, and the run ended before the answer', [sent(), delivered(), settling('complete')]],
    [
      'completed at its second delivery, before the first one was to be abandoned',
      [
        ...[sent(), delivered(), delivered({ kill: 2 })],
        ...[settled('complete', 'acknowledged', 2), settling('abandon')],
      ],
    ],
    ['sent without an answer, gone', [sent({ outcome: 'unknown' })]],
    ['cancelled', [sent({ dueMs: 40 }), cancelled('acknowledged')]],
    [
      'cancelled too late',
      [sent({ dueMs: 40 }), delivered(), cancelled('unknown'), settled('complete')],
    ],
    // The process died before the count was on disk: the restart counts it.
    [
      'a count that a kill kept as it was',
      [sent(), delivered(), delivered({ kill: 2 }), settled('complete')],
    ],
  ])('%s: kept', (_, steps) => {
    expect(whats(checkMessages(steps, true))).toEqual([]);
  });

  test.each<[string, BusStep[], string]>([
    ['a message lost before it was delivered', [sent()], 'acknowledged, never delivered'],
    [
      'a message lost between two deliveries',
      [sent(), delivered()],
      'delivered, not settled, and gone',
    ],
    [
      'an abandoned message that does not come back',
      [sent(), delivered(), settled('abandon')],
      'delivered, not settled, and gone',
    ],
    [
      'a message abandoned without an answer that does not come back',
      [sent(), delivered(), settling('abandon')],
      'delivered, not settled, and gone',
    ],
    [
      'a message that was being completed, came back, and is lost then',
      [sent(), delivered(), settling('complete'), delivered({ kill: 2 })],
      'delivered, not settled, and gone',
    ],
    [
      'a completed message that comes back',
      [sent(), delivered(), settled('complete'), again],
      'delivered after an acknowledged complete',
    ],
    [
      'a dead letter that comes back',
      [sent(), delivered(), settled('dead-letter'), again],
      'delivered after an acknowledged dead-letter',
    ],
    [
      'a dead letter that is gone',
      [sent(), delivered(), settled('dead-letter')],
      'acknowledged as a dead letter, but not among them',
    ],
    [
      'a dead letter without its reason',
      [sent(), delivered(), settled('dead-letter'), dead('none')],
      "a dead letter with the reason 'none'",
    ],
    [
      'a dead letter with the reason of another',
      [sent(), delivered(), settled('dead-letter'), dead(TOO_MANY_DELIVERIES)],
      `a dead letter with the reason '${TOO_MANY_DELIVERIES}'`,
    ],
    [
      'a dead letter that is there twice',
      [sent(), delivered(), settled('dead-letter'), dead(REJECTED), dead(REJECTED)],
      'found a second time',
    ],
    [
      'a completed message among the dead letters',
      [sent(), delivered(), settled('complete'), dead(REJECTED)],
      'a dead letter after an acknowledged complete',
    ],
    [
      'a message that was sent again and is there twice',
      [sent({ outcome: 'unknown' }), sent(), delivered(), delivered({ sequence: 6, kill: 2 })],
      'there are two of it: sequence numbers 5 and 6',
    ],
    [
      'a sequence number of two messages',
      [sent(), sent({ id: 'n' }), delivered(), delivered({ id: 'n' })],
      'has sequence number 5 of m',
    ],
    [
      'a delivery count that stands still',
      [sent(), delivered(), settled('abandon'), delivered()],
      'delivery count 0 after 0',
    ],
    [
      'a delivery count that jumps',
      [sent(), delivered(), delivered({ deliveryCount: 7, kill: 2 })],
      'delivery count 7 at delivery 2',
    ],
    [
      'a schedule before its time',
      [sent({ dueMs: 100 }), delivered({ atMs: 90 })],
      'delivered before its time',
    ],
    [
      'a cancelled schedule that comes',
      [sent({ dueMs: 40 }), cancelled('acknowledged'), delivered()],
      'delivered after it was cancelled',
    ],
    [
      'a cancellation of what was delivered',
      [sent({ dueMs: 40 }), delivered(), cancelled('acknowledged')],
      'cancelled after it was delivered',
    ],
    ['a message that nobody sent', [delivered()], 'delivered, but nobody sent it'],
    [
      'a message that no receiver gets',
      [sent(), { kind: 'left', ...about, kill: KILL }],
      'never came to a receiver that waited for it',
    ],
  ])('%s is named', (_, steps, what) => {
    expect(whats(checkMessages(steps, true))).toContain(what);
  });

  test('while the load goes on, a message that was not delivered yet is not lost', () => {
    expect(checkMessages([sent(), delivered(), settled('abandon')], false)).toEqual([]);
  });
});

test('the verdict on a history holds what every check says, and what was reported', () => {
  const history: History = {
    kills: KILL,
    events: { sent: [], live: [], log: [] },
    bus: [{ kind: 'sent', id: 'm', paths: ['q'], outcome: 'acknowledged', dueMs: 0, kill: 1 }],
    registers: new Map([
      ['d', [{ kind: 'read', value: '1', kill: 2 }]],
      ['e', [{ kind: 'read', value: ABSENT, kill: 2 }]],
    ]),
    feed: { seen: new Map(), final: new Map([['f', '1']]) },
    reported: [{ what: 'row 7 missing from index', where: 'amqp.sqlite', kill: KILL }],
  };
  expect(checkWhole(history)).toEqual([
    { what: 'row 7 missing from index', where: 'amqp.sqlite', kill: 3 },
    { what: 'acknowledged, never delivered', where: 'message m of q', kill: 1 },
    { what: "reads '1', but can only be 'absent'", where: 'd', kill: 2 },
    {
      what: 'the change feed showed nothing, but the document is 1',
      where: 'document f',
      kill: 3,
    },
  ]);
  expect(whats(checkSoFar(history))).toEqual([
    'row 7 missing from index',
    "reads '1', but can only be 'absent'",
  ]);
});
