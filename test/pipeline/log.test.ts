import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant, PartitionFold, topicMessageId } from '@headroom/core';
import type {
  Decision,
  FoldSnapshot,
  LoggedEvent,
  SettingVersion,
  TopicMessage,
} from '@headroom/core';
import { createEvaluator } from '@headroom/evaluator';
import { MemoryLog, MemorySnapshots, VirtualClock } from '@headroom/memory';
import type { Member } from '@headroom/memory';
import type { DecisionTopic, OpenPartition, SnapshotStore } from '@headroom/ports';
import { decodeSnapshot, encodeSnapshot } from '@headroom/wire';
import { generate, identity, steps } from './generated-log.ts';
import { foldInMessages, redelivered, together } from './redelivery.ts';

/** The heart of the product. Each property prints its seed when it fails. */

function foldAll(fold: PartitionFold, events: readonly LoggedEvent[]): readonly TopicMessage[] {
  return events.flatMap((event) => fold.apply(event));
}

function decisionsOf(message: TopicMessage): readonly Decision[] {
  if (message.kind !== 'scale' && message.kind !== 'decision') return [];
  return message.decision === undefined ? [] : [message.decision];
}

/** What was decided, without the place in the log that it was decided at. */
function withoutPlace(messages: readonly TopicMessage[]): readonly unknown[] {
  return messages.map((message) => {
    if (message.kind !== 'scale' && message.kind !== 'decision') return message.kind;
    const { target, outcome, reason, capacity, at, rules } = message.decision!;
    return { target, outcome, reason, capacity, at, rules };
  });
}

describe('the fold', () => {
  test('decides something in most generated logs', () => {
    const samples = fc.sample(steps, { seed: 7, numRuns: 50 });
    const kinds = samples.flatMap((list) =>
      generate(list)
        .messages.flat()
        .map(({ kind }) => kind),
    );
    expect(kinds.filter((kind) => kind === 'scale').length).toBeGreaterThan(25);
    expect(kinds.filter((kind) => kind === 'decision').length).toBeGreaterThan(100);
    expect(kinds.filter((kind) => kind === 'setting').length).toBeGreaterThan(100);
  });

  test('meets schedules, overrides and options in generated logs', () => {
    const decisions = fc
      .sample(steps, { seed: 7, numRuns: 150 })
      .flatMap((list) => generate(list).messages.flat().flatMap(decisionsOf));
    const reasons = new Set(decisions.map(({ reason }) => reason));
    for (const reason of ['Paused', 'Frozen', 'Pinned', 'Disabled', 'FlapBudget'] as const) {
      expect(reasons).toContain(reason);
    }
    expect(new Set(decisions.map(({ profile }) => profile))).toContain('busy');
    expect(new Set(decisions.map(({ mode }) => mode))).toEqual(new Set(['act', 'observe']));
  });

  test('the same log gives the same messages and ids', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { events, messages } = generate(list);
        expect(foldAll(new PartitionFold(identity), events)).toEqual(messages.flat());
      }),
    );
  });

  test('cut anywhere, saved, restored and gone on with: the same messages and ids', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, cutSeed) => {
        const { events, messages } = generate(list);
        const cut = 1 + (cutSeed % events.length);
        const before = new PartitionFold(identity);
        foldAll(before, events.slice(0, cut));
        const restored = PartitionFold.restore(identity, savedAndRead(before));
        expect(foldAll(restored, events.slice(cut))).toEqual(messages.slice(cut).flat());
        expect(restored.snapshot()).toEqual(foldedWhole(events).snapshot());
      }),
    );
  });

  test('cut at every point', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { events, messages } = generate(list);
        const whole = foldedWhole(events).snapshot();
        const going = new PartitionFold(identity);
        events.forEach((event, at) => {
          going.apply(event);
          const restored = PartitionFold.restore(identity, savedAndRead(going));
          const rest = foldAll(restored, events.slice(at + 1));
          expect(rest).toEqual(messages.slice(at + 1).flat());
          expect(restored.snapshot()).toEqual(whole);
        });
      }),
      { numRuns: 4 },
    );
  });

  test('what sources deliver twice, in other pieces and in another order changes nothing', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat()), (list, choices) => {
        const { events } = generate(list);
        const once = together(events);
        const again = redelivered(once, () => {
          const choice = choices.next();
          return choice.done === true ? 0 : choice.value;
        });
        const [a, b] = [new PartitionFold(identity), new PartitionFold(identity)];
        expect(foldInMessages(b, again)).toEqual(foldInMessages(a, once));
        expect(stateOf(b)).toEqual(stateOf(a));
        expect(b.counts.samples).toBe(a.counts.samples);
      }),
    );
  });

  test('a duplicated frame never counts twice', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (list, seed) => {
        const { events } = generate(list);
        const doubled = renumbered(events.flatMap((event, at) => again(event, at + seed)));
        const once = foldAll(new PartitionFold(identity), events);
        const twice = new PartitionFold(identity);
        // Commands have ids of their own there, so outcomes of the first log mean nothing to it: compare up to the first.
        const first = firstScale(once);
        const decided = withoutPlace(foldAll(twice, doubled));
        expect(decided.slice(0, first)).toEqual(withoutPlace(once).slice(0, first));
        expect(twice.counts.samples).toBe(foldedWhole(events).counts.samples);
      }),
    );
  });

  test('events that were folded before change nothing', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { events } = generate(list);
        const fold = foldedWhole(events);
        const before = fold.snapshot();
        expect(foldAll(fold, events)).toEqual([]);
        expect(fold.snapshot()).toEqual(before);
      }),
    );
  });
});

describe('shadows', () => {
  test('decide something in most generated logs', () => {
    const samples = fc.sample(steps, { seed: 7, numRuns: 50 });
    const found = samples
      .flatMap((list) => generate(list).messages.flat().flatMap(decisionsOf))
      .filter(({ shadow }) => shadow !== undefined);
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(({ outcome }) => outcome !== 'Hold').length).toBeGreaterThan(25);
  });

  test('make no command, and change nothing of what is said of the setting in force', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { events, messages } = generate(list);
        const alone = foldAll(new PartitionFold(identity), events.map(withoutShadows));
        const real = messages.flat().filter((one) => !isOfShadow(one));
        expect(alone).toEqual(real.map(settingAlone));
      }),
    );
  });
});

function isOfShadow(message: TopicMessage): boolean {
  return message.kind === 'decision' && message.decision.shadow !== undefined;
}

function withoutShadows(logged: LoggedEvent): LoggedEvent {
  const { event } = logged;
  if (event.kind !== 'setting') return logged;
  return { ...logged, event: { kind: 'setting', version: alone(event.version) } };
}

function settingAlone(message: TopicMessage): TopicMessage {
  if (message.kind !== 'setting') return message;
  return { ...message, setting: { ...message.setting, version: alone(message.setting.version) } };
}

function alone(version: SettingVersion): SettingVersion {
  if (version.content.kind !== 'setting') return version;
  const { kind, setting, policy, overrides } = version.content;
  return { ...version, content: { kind, setting, policy, overrides } };
}

/** What a reader of the log does next. */
const move = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('pump'), size: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('kill', 'stop', 'steal', 'refuse') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 30_000 }) }),
  },
);

describe('the evaluator over the in-memory log', () => {
  test('chunks, owners, restarts and refused publishes do not change what is published', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.array(move, { maxLength: 60 }), async (list, moves) => {
        const { events, messages } = generate(list);
        const published = await readBySeveral(events, moves);
        const expected = messages.flat();
        expect(contents(published)).toEqual(contents(expected));
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

/** Members that come and go read a fixed log; answers all that they published. */
async function readBySeveral(
  events: readonly LoggedEvent[],
  moves: readonly Move[],
): Promise<readonly TopicMessage[]> {
  const clock = new VirtualClock(instant(0));
  const snapshots = new MemorySnapshots();
  const log = new MemoryLog({ partitions: 1, clock, logId: identity.logId, snapshots });
  for (const { enqueuedAt, event } of events) log.appendAt(0, enqueuedAt, [event]);
  const topic = new RecordingTopic();
  const join = () => log.join(opener(log, snapshots, topic, clock));
  let member: Member = join();
  for (const next of moves) {
    topic.refuses = next.kind === 'refuse';
    if ('size' in next) await member.pump(next.size);
    else if ('ms' in next) await clock.advance(next.ms);
    else if (next.kind === 'refuse') await member.pump(5);
    else member = await succeed(next.kind, member, join);
  }
  topic.refuses = false;
  await member.drain();
  await member.stop();
  return topic.published;
}

async function succeed(kind: string, member: Member, join: () => Member): Promise<Member> {
  if (kind === 'kill') member.kill();
  if (kind === 'stop') await member.stop();
  const successor = join();
  if (kind === 'steal') {
    successor.steal(0);
    await member.pump(7);
    member.kill();
  }
  return successor;
}

/** The evaluator's reader, with a log that takes no beats: what is in the log is what the property is about. */
function opener(
  log: MemoryLog,
  snapshots: SnapshotStore,
  topic: DecisionTopic,
  clock: VirtualClock,
): OpenPartition {
  let open: OpenPartition | undefined;
  const evaluator = createEvaluator(
    {
      feed: {
        run: (given) => {
          open = given;
          return new Promise(() => undefined);
        },
      },
      signals: { describe: () => log.describe(), append: () => Promise.resolve() },
      topic,
      snapshots,
      settings: { subscribe: () => () => undefined },
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    },
    { codeVersion: identity.codeVersion },
  );
  void evaluator.run(new AbortController().signal);
  return async (owned) => {
    await Promise.resolve();
    return open!(owned);
  };
}

class RecordingTopic implements DecisionTopic {
  refuses = false;
  readonly published: TopicMessage[] = [];

  publish(messages: readonly TopicMessage[]): Promise<void> {
    if (this.refuses) {
      // Some are there already: the caller cannot know.
      this.published.push(...messages.slice(0, messages.length >> 1));
      return Promise.reject(new Error('refused'));
    }
    this.published.push(...messages);
    return Promise.resolve();
  }
}

/** By message id; a second content under one id fails. */
function contents(messages: readonly TopicMessage[]): ReadonlyMap<string, TopicMessage> {
  const byId = new Map<string, TopicMessage>();
  for (const message of messages) {
    const id = topicMessageId(message);
    const first = byId.get(id);
    if (first !== undefined) expect(message).toEqual(first);
    byId.set(id, message);
  }
  return new Map([...byId].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without the order in which sources were first heard of. */
function stateOf(fold: PartitionFold) {
  const snapshot = fold.snapshot();
  return { ...snapshot, sources: new Map(snapshot.sources) };
}

/** The fold's state as the store of snapshots gives it back. */
function savedAndRead(fold: PartitionFold): FoldSnapshot {
  const decoded = decodeSnapshot(encodeSnapshot(fold.snapshot()));
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value;
}

function foldedWhole(events: readonly LoggedEvent[]): PartitionFold {
  const fold = new PartitionFold(identity);
  foldAll(fold, events);
  return fold;
}

/** A frame again: whole, or its second half alone, as a router with other flushes would send it. */
function again(logged: LoggedEvent, seed: number): readonly LoggedEvent[] {
  const { event } = logged;
  if (event.kind !== 'frame' || seed % 3 === 0) return [logged];
  const samples = event.samples.slice(seed % event.samples.length);
  const piece = { ...event, samples, first: samples[0]!.position };
  return [logged, { ...logged, event: piece }];
}

function renumbered(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  return events.map((event, sequence) => ({ ...event, sequence }));
}

function firstScale(messages: readonly TopicMessage[]): number {
  const at = messages.findIndex(({ kind }) => kind === 'scale');
  return at === -1 ? messages.length : at + 1;
}
