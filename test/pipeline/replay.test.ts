import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultPolicy, instant, PartitionFold, targetId } from '@headroom/core';
import type {
  Decision,
  JudgeFunction,
  LogEvent,
  SettingContent,
  TopicMessage,
} from '@headroom/core';
import { MemoryAudit, MemoryTopic, VirtualClock } from '@headroom/memory';
import { createRecorder } from '@headroom/recorder';
import { replay } from '@headroom/scenario';
import {
  decodeAuditRecord,
  decodeTopicMessage,
  encodeAuditRecord,
  encodeTopicMessage,
} from '@headroom/wire';
import { generate, identity, steps } from './generated-log.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the recorder keeps of messages, in memory. */
async function recorded(messages: readonly TopicMessage[]): Promise<MemoryAudit> {
  const audit = new MemoryAudit();
  const clock = new VirtualClock(instant(0));
  const topic = new MemoryTopic(clock);
  const recorder = createRecorder({ feed: topic.records, audit, topic, clock, log: quiet });
  for (const message of messages) await recorder.handle(message);
  return audit;
}

async function decisionsWithSettings(audit: MemoryAudit) {
  const decisions = audit.records.flatMap((record) =>
    record.kind === 'decision' ? [record.decision] : [],
  );
  return Promise.all(
    decisions.map(async (decision) => {
      const setting = await audit.settingOf(decision);
      if (setting === undefined) throw new Error(`no setting of ${decision.id}`);
      return { decision, content: setting.version.content };
    }),
  );
}

function throughWire(message: TopicMessage): TopicMessage {
  const decoded = decodeTopicMessage(encodeTopicMessage(message));
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value;
}

describe('a decision of the fold replays bit for bit', () => {
  test.each<[string, (message: TopicMessage) => TopicMessage]>([
    ['from the messages', (message) => message],
    ['from their bytes on the wire', throughWire],
  ])('%s', async (_, carry) => {
    const property = fc.asyncProperty(steps, async (list) => {
      const messages = generate(list).messages.flat().map(carry);
      for (const { decision, content } of await decisionsWithSettings(await recorded(messages))) {
        expect(replay(decision, content)).toEqual({ kind: 'identical' });
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('and from the documents of the audit log', async () => {
    const [list] = fc.sample(steps, { numRuns: 1, seed: 7 });
    const audit = await recorded(generate(list ?? []).messages.flat());
    const stored = new MemoryAudit();
    for (const record of audit.records) {
      const document: unknown = JSON.parse(JSON.stringify(encodeAuditRecord(record)));
      const decoded = decodeAuditRecord(document);
      if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
      await stored.create(decoded.value);
    }
    const all = await decisionsWithSettings(stored);
    expect(all.length).toBeGreaterThan(3);
    for (const { decision, content } of all) {
      expect(replay(decision, content).kind).toBe('identical');
    }
  });
});

/** A scale-out, with its setting. */
async function anAction(): Promise<{ decision: Decision; content: SettingContent }> {
  const [list] = fc.sample(steps, { numRuns: 1, seed: 7 });
  const all = await decisionsWithSettings(await recorded(generate(list ?? []).messages.flat()));
  const found = all.find(({ decision }) => decision.reason === 'ScaleOutRule');
  if (found === undefined) throw new Error('the seed makes no action');
  return found;
}

describe('a decision that does not replay', () => {
  test.each<[string, (decision: Decision) => Decision, string]>([
    ['an outcome', (one) => ({ ...one, outcome: 'Hold' }), 'outcome'],
    ['a reason', (one) => ({ ...one, reason: 'NotTriggered' }), 'reason'],
    ['a count', (one) => ({ ...one, capacity: { ...one.capacity, after: 9 } }), 'capacity.after'],
    ['a winner', (one) => ({ ...one, winner: 1 }), 'winner'],
    ['a profile', (one) => ({ ...one, profile: 'night' }), 'profile'],
    ['what it wants', (one) => ({ ...one, wantsCapacity: !one.wantsCapacity }), 'wantsCapacity'],
    ['when it is due', (one) => ({ ...one, dueAt: instant(1) }), 'dueAt'],
    ['words', (one) => ({ ...one, trail: one.trail.slice(1) }), `trail[0].`],
    [
      'a value in its last bit',
      (one) => ({
        ...one,
        rules: one.rules.map((rule) => ({
          ...rule,
          observed: (rule.observed ?? 0) * (1 + Number.EPSILON),
        })),
      }),
      'rules[0].observed',
    ],
  ])('differs in %s', async (_, change, path) => {
    const { decision, content } = await anAction();
    const replayed = replay(change(decision), content);
    const paths = replayed.kind === 'different' ? replayed.differences.map((one) => one.path) : [];
    expect(paths.some((found) => found.startsWith(path))).toBe(true);
  });

  test('says what was recorded and what came out', async () => {
    const { decision, content } = await anAction();
    expect(replay({ ...decision, reason: 'Pinned' }, content)).toEqual({
      kind: 'different',
      differences: [{ path: 'reason', recorded: 'Pinned', replayed: 'ScaleOutRule' }],
    });
  });

  test('reads what was not read before', async () => {
    const { decision, content } = await anAction();
    expect(replay({ ...decision, rules: [] }, content)).toEqual({
      kind: 'different',
      differences: [{ path: 'rules[0]', recorded: undefined, replayed: 'is asked for' }],
    });
  });
});

describe('an error', () => {
  const target = targetId('/subscriptions/s/targets/0');
  const version = (content: SettingContent): LogEvent => ({
    kind: 'setting',
    version: { target, id: 'generated', version: 1, content },
  });
  /** What the fold says of a setting, and of a tick two minutes later. */
  function decisionsOf(content: SettingContent, judge?: JudgeFunction): readonly Decision[] {
    const fold = new PartitionFold(identity, -1, judge);
    const begin = Date.UTC(2026, 0, 5);
    const events = [version(content), { kind: 'tick' } as const];
    return events
      .flatMap((event, sequence) =>
        fold.apply({ sequence, enqueuedAt: instant(begin + sequence * 120_000), event }),
      )
      .flatMap((message) => (message.kind === 'decision' ? [message.decision] : []));
  }

  const setting = { name: 'generated', enabled: true, target, profiles: [] };
  test.each<[string, SettingContent]>([
    ['over a setting that cannot be read', { kind: 'unreadable', problems: ['no profiles', 'x'] }],
    [
      'where no profile applies',
      { kind: 'setting', setting, policy: defaultPolicy, overrides: [] },
    ],
  ])('%s replays as that error', (_, content) => {
    const decisions = decisionsOf(content);
    expect(decisions.length).toBeGreaterThan(0);
    for (const decision of decisions) {
      expect(replay(decision, content)).toEqual({ kind: 'identical' });
    }
  });

  test('that came after readings cannot be replayed: its record has none', async () => {
    const { decision, content } = await anAction();
    const failed: Decision = { ...decision, outcome: 'Hold', reason: 'Error', rules: [] };
    expect(replay(failed, content)).toMatchObject({ kind: 'cannot' });
  });

  test('that this code does not make is a difference', () => {
    const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
    const broken = () => {
      throw new Error('broken');
    };
    const [decision] = decisionsOf(content, broken);
    if (decision === undefined) throw new Error('an error is on record');
    expect(decision.trail).toEqual([{ step: 'error', answer: 'broken' }]);
    expect(replay(decision, content).kind).toBe('different');
  });
});
