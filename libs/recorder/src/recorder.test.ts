import { describe, expect, test } from '@jest/globals';
import { instant, outcomeId, targetId } from '@headroom/core';
import type { Decision, Outcome, ScaleCommand, SettingRecord, TopicMessage } from '@headroom/core';
import { DependencyUnavailable } from '@headroom/ports';
import type { Log } from '@headroom/ports';
import { MemoryAudit, MemoryTopic, VirtualClock } from '@headroom/memory';
import { secondLengthMax } from './divergence.ts';
import { createRecorder } from './recorder.ts';

const at = instant(1_800_000_000_000);
const target = targetId('/subscriptions/s/x');
const position = { logId: 'log', partition: 0, sequence: 7 };
const decision: Decision = {
  id: 'd1',
  target,
  setting: { id: 'setting', version: 1 },
  mode: 'act',
  at,
  position,
  outcome: 'ScaleOut',
  reason: 'ScaleOutRule',
  capacity: { before: 2, proposed: 4, after: 4 },
  rules: [],
  trail: [],
  wantsCapacity: false,
  state: { capacity: { kind: 'known', instances: 2, observedAt: at } },
  record: 'action',
  unchanged: 0,
  codeVersion: '1',
};
const command: ScaleCommand = {
  kind: 'scale',
  id: decision.id,
  target,
  expectedCapacity: 2,
  to: 4,
  reason: 'ScaleOutRule',
  source: { kind: 'log', position },
  decidedAt: at,
  startBy: at,
};
const outcome: Outcome = {
  id: outcomeId(command.id),
  commandId: command.id,
  target,
  kind: 'Applied',
  to: 4,
  capacity: 4,
  reachedProvider: true,
  detail: 'done',
  at,
  source: command.source,
};

const setting: SettingRecord = {
  id: 's1',
  target,
  at,
  version: { target, id: 'setting', version: 1, content: { kind: 'tombstone' } },
};

function setUp() {
  const clock = new VirtualClock(at);
  const topic = new MemoryTopic(clock);
  const audit = new MemoryAudit();
  const errors: string[] = [];
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (event) => errors.push(event),
  };
  const ports = { feed: topic.records, audit, topic, clock, log };
  const recorder = createRecorder(ports);
  /** Publishes, and records until the feed is empty. */
  const record = async (...messages: readonly TopicMessage[]): Promise<void> => {
    await topic.publish(messages);
    while ((await topic.records.deliver(recorder.handle)) > 0);
  };
  return { ports, topic, audit, errors, record, recorder, clock };
}

describe('a message becomes a record', () => {
  test.each<[string, TopicMessage, object]>([
    ['a command', { kind: 'scale', command, decision }, { kind: 'decision', decision, command }],
    ['a decision', { kind: 'decision', decision }, { kind: 'decision', decision }],
    ['a command from outside', { kind: 'scale', command }, { kind: 'external', command }],
    ['a version of a setting', { kind: 'setting', setting }, { kind: 'setting', setting }],
    ['an outcome', { kind: 'outcome', outcome }, { kind: 'outcome', outcome }],
  ])('%s', async (_, message, expected) => {
    const { audit, record, errors } = setUp();
    await record(message);
    expect(audit.records).toEqual([expected]);
    expect(errors).toEqual([]);
  });

  test('but a question for the capacity does not', async () => {
    const { audit, record } = setUp();
    await record({
      kind: 'read',
      command: { kind: 'read', id: 'r', target, source: command.source },
    });
    expect(audit.records).toEqual([]);
  });

  test('once, however often it comes', async () => {
    const { audit, recorder, errors } = setUp();
    await recorder.handle({ kind: 'outcome', outcome });
    await recorder.handle({ kind: 'outcome', outcome });
    expect(audit.records).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});

describe('a second content under one id', () => {
  const second: Outcome = { ...outcome, kind: 'Failed', detail: 'another story' };

  test('is kept beside the first one and alerts', async () => {
    const { audit, record, recorder, errors, topic } = setUp();
    await record({ kind: 'outcome', outcome });
    await recorder.handle({ kind: 'outcome', outcome: second });
    await recorder.handle({ kind: 'outcome', outcome: second });
    while ((await topic.records.deliver(recorder.handle)) > 0);
    expect(audit.records).toMatchObject([
      { kind: 'outcome', outcome },
      { kind: 'divergence', divergence: { recordId: outcome.id, target, at } },
    ]);
    const kept = audit.records[1];
    const text = kept?.kind === 'divergence' ? kept.divergence.second : '';
    expect(JSON.parse(text)).toEqual({ kind: 'outcome', outcome: second });
    expect(errors).toEqual(['divergence', 'divergence']);
  });

  test('of any length is cut to what a message holds', async () => {
    const { audit, record, recorder, topic } = setUp();
    await record({ kind: 'outcome', outcome });
    await recorder.handle({ kind: 'outcome', outcome: { ...second, detail: 'x'.repeat(99_999) } });
    while ((await topic.records.deliver(recorder.handle)) > 0);
    const kept = audit.records[1];
    expect(kept?.kind === 'divergence' && kept.divergence.second).toHaveLength(secondLengthMax);
  });

  test('that is a divergence itself does not go round', async () => {
    const { recorder, errors, topic } = setUp();
    const divergence = { id: 'x', recordId: 'd1', target, at, second: '1' };
    await recorder.handle({ kind: 'divergence', divergence });
    await recorder.handle({ kind: 'divergence', divergence: { ...divergence, second: '2' } });
    expect(errors).toEqual(['divergence']);
    expect(topic.accepted).toEqual([]);
  });
});

test('a store that is away sends the message back', async () => {
  const { ports } = setUp();
  const away = new DependencyUnavailable('audit', 'away');
  const audit = { create: () => Promise.reject(away) };
  const handled = createRecorder({ ...ports, audit }).handle({ kind: 'outcome', outcome });
  await expect(handled).rejects.toBe(away);
});

test('runs until it is told to end', async () => {
  const { recorder, topic, audit, clock } = setUp();
  const end = new AbortController();
  const run = recorder.run(end.signal);
  await topic.publish([{ kind: 'decision', decision }]);
  while (audit.records.length === 0) await clock.advance(1);
  end.abort();
  await run;
  expect(topic.records.waiting).toEqual([]);
});
