import { describe, expect, test } from '@jest/globals';
import { after, hourMs, minuteMs, secondMs } from '../lang/instant.ts';
import { rule, setting } from '../decision/decide.fixture.ts';
import { judge } from '../decision/decide.ts';
import type { TopicMessage } from '../audit/record.ts';
import type { AutoscaleSetting, Rule, Shadow } from '../setting/autoscale-setting.ts';
import type { Override } from '../setting/override.ts';
import { defaultPolicy, withoutMode } from '../setting/policy.ts';
import type { Policy, ShadowPolicy } from '../setting/policy.ts';
import { decideAgain } from './decide-again.ts';
import type { evaluateShadow } from './evaluate-shadow.ts';
import { PartitionFold } from './fold.ts';
import { oneMinute, reasonsOf, rules, scaleCommand, Story } from './story.fixture.ts';

const shadowPolicy = withoutMode(defaultPolicy);
const eager = [
  rule('cpu > 40 out 1', oneMinute, 10 * minuteMs),
  rule('cpu < 20 in 1', oneMinute, 10 * minuteMs),
];

type None<T extends never> = T;
type Said = ReturnType<typeof evaluateShadow>['messages'][number];

interface Beside {
  readonly shadows: readonly Shadow[];
  readonly real?: readonly Rule[];
  readonly policy?: Policy;
  readonly overrides?: readonly Override[];
}

function shadow(
  name: string,
  own: readonly Rule[] | AutoscaleSetting = eager,
  policy: ShadowPolicy = shadowPolicy,
): Shadow {
  const its = 'profiles' in own ? own : setting(own);
  return { name, content: { kind: 'setting', setting: its, policy } };
}

function put(story: Story, version: number, { shadows, real = rules, ...rest }: Beside) {
  return story.put(version, {
    kind: 'setting',
    setting: setting(real),
    policy: rest.policy ?? defaultPolicy,
    overrides: rest.overrides ?? [],
    shadows,
  });
}

/** Two instances, a whole window of quiet. */
function settled(beside: Beside, story = new Story()): Story {
  put(story, 1, beside);
  story.capacity(2);
  story.cpu(30, 70);
  return story;
}

function of(name: string | undefined, messages: readonly TopicMessage[]): readonly TopicMessage[] {
  return messages.filter(
    (message) => message.kind === 'decision' && message.decision.shadow === name,
  );
}

function decisionsOf(name: string | undefined, messages: readonly TopicMessage[]) {
  return of(name, messages).flatMap((one) => (one.kind === 'decision' ? [one.decision] : []));
}

describe('a shadow', () => {
  test('decides by its own rules, on record under its name, and nothing else is said for it', () => {
    const story = settled({ shadows: [shadow('eager')] });
    const said = story.cpu(50);
    expect(decisionsOf('eager', said)).toMatchObject([
      { outcome: 'ScaleOut', mode: 'observe', capacity: { before: 2, after: 3 }, shadow: 'eager' },
      { outcome: 'Hold', reason: 'Cooldown' },
    ]);
    expect(story.said.some(({ kind }) => kind === 'scale')).toBe(false);
    expect(reasonsOf(of(undefined, said))).toEqual([]);
  });

  test('has no variant of a message that anybody would carry out', () => {
    // Each of these is `never`, or this file does not compile.
    type Forbidden = readonly [
      None<Extract<Said['kind'], 'scale' | 'read'>>[],
      None<Extract<Said, { readonly command: unknown }>>[],
      None<Extract<Said['decision']['mode'], 'act'>>[],
      None<Extract<keyof ShadowPolicy, 'mode'>>[],
    ];
    const forbidden: Forbidden = [[], [], [], []];
    expect(forbidden.flat()).toEqual([]);
  });

  test('starts its own cooldown, and no other', () => {
    const story = settled({ shadows: [shadow('eager')] });
    story.cpu(50);
    story.cpu(100);
    expect(scaleCommand(story.said)).toMatchObject({ expectedCapacity: 2, to: 4 });
    const [entry] = story.fold.snapshot().targets;
    expect(entry?.shadows?.[0]?.state.lastCooldownMs).toBe(10 * minuteMs);
    expect(entry?.state.lastActionAt).toBeUndefined();
  });

  test('holds while an operation changes the capacity, and sees what became of it', () => {
    const story = settled({ shadows: [shadow('calm', rules)] });
    const command = scaleCommand(story.cpu(100, 45));
    story.started(command);
    expect(reasonsOf(of('calm', story.said)).at(-1)).toBe('InFlight');
    expect(reasonsOf(of('calm', story.cpu(100, 10)))).toEqual([]);
    story.outcome(command, 'Applied', 4);
    story.cpu(30, 70);
    const [last] = decisionsOf('calm', story.said).slice(-1);
    expect(last).toMatchObject({ reason: 'NotTriggered', capacity: { before: 4 } });
  });

  test('that is the very setting in force decides what it decides, when it does', () => {
    const story = settled({ shadows: [shadow('same', rules)] });
    const command = scaleCommand(story.cpu(100));
    const [same] = decisionsOf('same', story.said).filter(({ outcome }) => outcome === 'ScaleOut');
    expect(same).toMatchObject({ at: command.decidedAt, capacity: { before: 2, after: 4 } });
    expect(same?.state).not.toHaveProperty('inFlight');
    story.started(command);
    story.outcome(command, 'Applied', 4);
    story.cpu(10, 300);
    const scaleIns = decisionsOf('same', story.said).filter(({ outcome }) => outcome === 'ScaleIn');
    const [real] = story.said.flatMap((one) =>
      one.kind === 'scale' && one.decision?.outcome === 'ScaleIn' ? [one.decision] : [],
    );
    expect(scaleIns[0]?.at).toBe(real?.at);
  });

  test('does not wait after failures of operations that are not its own', () => {
    const story = settled({ shadows: [shadow('calm', rules)] });
    story.outcome(scaleCommand(story.cpu(100)), 'Failed', 2);
    const [entry] = story.fold.snapshot().targets;
    expect(entry?.state).toHaveProperty('backoff');
    story.cpu(100, 5);
    expect(story.fold.snapshot().targets[0]?.shadows?.[0]?.state).not.toHaveProperty('backoff');
  });

  test('wants once what nobody does, however often it finds it', () => {
    const bounds = setting(rules, { minimum: 5, default: 5 });
    const story = settled({ shadows: [shadow('larger', bounds)] });
    story.ticks(120);
    const found = decisionsOf('larger', story.said).filter(({ reason }) => reason !== 'Warming');
    expect(found.filter(({ record }) => record === 'action')).toMatchObject([
      { reason: 'BelowMinimum', capacity: { before: 2, after: 5 } },
    ]);
    expect(found.length).toBeLessThan(5);
  });

  test('is decided again from its record', () => {
    const story = settled({ shadows: [shadow('eager')] });
    const [decision] = decisionsOf('eager', story.cpu(50));
    const version = story.said.flatMap((one) => (one.kind === 'setting' ? [one.setting] : []))[0];
    const again = decideAgain(decision!, version!.version.content);
    expect(again).toEqual(expect.objectContaining({ outcome: 'ScaleOut', rules: decision?.rules }));
  });

  test('has an id of its own for each decision', () => {
    const story = settled({ shadows: [shadow('a'), shadow('b'), shadow('c', rules)] });
    story.cpu(100, 300);
    const ids = story.said.flatMap((one) => (one.kind === 'decision' ? [one.decision.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('over the versions of the setting in force, a shadow', () => {
  const lastActionOf = (story: Story, name = 'eager') =>
    story.fold.snapshot().targets[0]?.shadows?.find((one) => one.name === name)?.state.lastActionAt;

  test('keeps its state, edited or not, and goes when it is taken out', () => {
    const story = settled({ shadows: [shadow('eager')] });
    story.cpu(50);
    const at = lastActionOf(story);
    expect(at).toBeDefined();
    put(story, 2, { shadows: [shadow('eager')], real: eager });
    put(story, 3, { shadows: [shadow('eager', rules)], real: eager });
    expect(lastActionOf(story)).toBe(at);
    put(story, 4, { shadows: [] });
    expect(of('eager', story.cpu(50, 180))).toEqual([]);
    expect(story.fold.snapshot().targets[0]).not.toHaveProperty('shadows');
  });

  test('that is new begins where the setting in force is, as an edited setting would', () => {
    const story = settled({ shadows: [] });
    story.outcome(scaleCommand(story.cpu(100)), 'Applied', 4);
    put(story, 2, { shadows: [shadow('late', rules)] });
    const [entry] = story.fold.snapshot().targets;
    expect(lastActionOf(story, 'late')).toBe(entry?.state.lastActionAt);
  });

  test('ends with the setting', () => {
    const story = settled({ shadows: [shadow('eager')] });
    story.put(2, { kind: 'tombstone' });
    expect(story.cpu(100, 120)).toEqual([]);
    expect(story.fold.snapshot().series).toEqual([]);
  });
});

describe('a metric', () => {
  const byQueue = [rule('queue > 5 out 1', oneMinute, minuteMs)];
  const queue = (story: Story, value: number) => {
    story.now = after(story.now, 5 * secondMs);
    return story.metric('queue', value, story.now);
  };

  test('that only a shadow asks for is kept, and no reason to look at the setting in force', () => {
    const story = settled({ shadows: [shadow('byQueue', byQueue)] });
    for (let i = 0; i < 40; i++) queue(story, 9);
    const [found] = decisionsOf('byQueue', story.said).filter((one) => one.outcome === 'ScaleOut');
    expect(found?.rules[0]).toMatchObject({ metric: 'queue', fired: true });
    story.tick(2 * secondMs);
    const { evaluations } = story.fold.counts;
    queue(story, 9);
    expect(story.fold.counts.evaluations - evaluations).toBe(1);
  });

  test('is known to the setting that is put to work with it, and the other way round', () => {
    const story = settled({ shadows: [shadow('byQueue', byQueue)] });
    for (let i = 0; i < 40; i++) queue(story, 1);
    const swapped = put(story, 2, { real: byQueue, shadows: [shadow('before', rules)] });
    expect(reasonsOf(swapped)).not.toContain('Warming');
    story.tick(secondMs);
    expect(reasonsOf(story.said.slice(-4))).not.toContain('Warming');
  });
});

describe('people who hold the target', () => {
  const term = (story: Story) => ({
    at: story.now,
    until: after(story.now, hourMs),
    owner: 'ops',
    reason: 'drill',
  });

  test.each([
    [{ kind: 'pause' } as const, 'Paused'],
    [{ kind: 'freeze' } as const, 'Frozen'],
    [{ kind: 'pin', to: 2 } as const, 'Pinned'],
  ])('hold its shadows as well: %j', (override, reason) => {
    const story = settled({ shadows: [shadow('eager')] });
    story.tick(secondMs);
    const overrides = [{ ...override, ...term(story) }];
    const said = put(story, 2, { shadows: [shadow('eager')], overrides });
    expect(reasonsOf(of('eager', said))).toEqual([reason]);
  });
});

describe('blast radius', () => {
  const bad = shadow('bad', { ...setting(eager), name: 'bad' });
  const failing: typeof judge = (input, inWords) => {
    if (input.setting.name === 'bad') throw new RangeError('no such number');
    return judge(input, inWords);
  };
  const unreadable: Shadow = {
    name: 'later',
    content: { kind: 'unreadable', problems: ['profiles: expected a list'] },
  };

  test('a shadow that fails, or cannot be read, is held; nobody else', () => {
    const shadows = [bad, unreadable, shadow('eager')];
    const story = settled({ shadows }, new Story({ judge: failing }));
    story.cpu(50);
    const trailOf = (name: string) => decisionsOf(name, story.said).map(({ trail }) => trail);
    expect(trailOf('bad')).toEqual([[{ step: 'error', answer: 'no such number' }]]);
    expect(trailOf('later')).toEqual([[{ step: 'error', answer: 'profiles: expected a list' }]]);
    expect(reasonsOf(of('eager', story.said))).toContain('ScaleOutRule');
    expect(reasonsOf(story.cpu(100))).toContain('ScaleOutRule');
  });
});

test('a snapshot has the state of each shadow', () => {
  const story = settled({ shadows: [shadow('eager'), shadow('calm', rules)] });
  story.cpu(50);
  const restored = PartitionFold.restore(story.fold.identity, story.fold.snapshot());
  expect(restored.snapshot()).toEqual(story.fold.snapshot());
  const next = { sequence: story.fold.sequence + 1, event: { kind: 'tick' } } as const;
  const later = { ...next, enqueuedAt: after(story.now, 20 * minuteMs) };
  expect(restored.apply(later)).toEqual(story.fold.apply(later));
});

test('in mode observe the setting in force wants once, too, what nobody does', () => {
  const story = new Story();
  const policy = { ...defaultPolicy, mode: 'observe' } as const;
  const bounds = setting(rules, { minimum: 5, default: 5 });
  story.set(1, bounds, policy);
  story.capacity(2);
  story.cpu(50, 120);
  const found = reasonsOf(story.said).filter((reason) => reason === 'BelowMinimum');
  expect(found).toEqual(['BelowMinimum']);
});
