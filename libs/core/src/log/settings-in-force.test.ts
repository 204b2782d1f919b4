import { describe, expect, test } from '@jest/globals';
import { after, hourMs, minuteMs, secondMs } from '../lang/instant.ts';
import { rule, target } from '../decision/decide.fixture.ts';
import type { Override } from '../setting/override.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { Policy } from '../setting/policy.ts';
import type { LocalTime } from '../setting/schedule.ts';
import { PartitionFold } from './fold.ts';
import { oneMinute, reasonsOf, rules, scaleCommand, Story } from './story.fixture.ts';

const profile = { name: 'default', capacity: { minimum: 1, maximum: 10, default: 1 }, rules };

describe('a version that takes force', () => {
  test('is on record, once', () => {
    const story = new Story();
    const [first] = story.set(1);
    expect(first).toMatchObject({ kind: 'setting', setting: { target, version: { version: 1 } } });
    expect(story.set(1)).toEqual([]);
  });
});

describe('an override', () => {
  const paused = (story: Story, ms: number): Override => ({
    kind: 'pause',
    at: story.now,
    until: after(story.now, ms),
    owner: 'ops',
    reason: 'drill',
  });

  test('comes as a version of the setting, and its end is looked at', () => {
    const story = new Story().settled();
    story.tick(secondMs);
    const held = story.set(2, {}, defaultPolicy, target, [paused(story, 30 * secondMs)]);
    expect(reasonsOf(held)).toEqual(['Paused']);
    expect(reasonsOf(story.ticks(29))).not.toContain('NotTriggered');
    expect(reasonsOf(story.ticks(1))).toContain('NotTriggered');
  });
});

describe('a profile', () => {
  const start = Date.UTC(2026, 0, 5, 0, 0, 10) as LocalTime;
  const until = Date.UTC(2026, 0, 5, 0, 0, 25) as LocalTime;
  const schedule = { kind: 'fixedDate', timeZone: 'UTC', start, end: until } as const;

  test('takes force and ends to the second, where no other one applies as well', () => {
    const story = new Story();
    story.set(1, { profiles: [{ ...profile, schedule }] });
    story.capacity(2);
    const found = Array.from({ length: 30 }, () => reasonsOf(story.tick(secondMs)));
    const changes = found.flatMap((reasons, index) => reasons.map((reason) => [index + 1, reason]));
    expect(changes).toEqual([
      [1, 'Error'],
      [10, 'Warming'],
      [25, 'Error'],
    ]);
  });
});

describe('cooldowns', () => {
  const lastFired: Policy = { ...defaultPolicy, cooldownFrom: 'lastFiredRule' };
  const slow = [
    rule('cpu > 70 out 2', oneMinute, hourMs),
    rule('cpu < 30 in 1', oneMinute, minuteMs),
  ];
  const scaled = (policy: Policy) => {
    const story = new Story();
    story.set(1, { profiles: [{ ...profile, rules: slow }] }, policy);
    story.tick(secondMs);
    story.capacity(2);
    story.cpu(50, 70);
    const command = scaleCommand(story.cpu(100));
    story.outcome(command, 'Applied', 4);
    return story;
  };

  test('count from the rule that won, where the policy says so', () => {
    const story = scaled(lastFired);
    expect(story.fold.snapshot().targets[0]?.state).toMatchObject({
      lastActionDirection: 'out',
      lastCooldownMs: hourMs,
    });
    expect(reasonsOf(story.cpu(10, 5 * 60)).filter((reason) => reason === 'ScaleInRule')).toEqual(
      [],
    );
  });

  test('otherwise each rule has its own', () => {
    expect(reasonsOf(scaled(defaultPolicy).cpu(10, 5 * 60))).toContain('ScaleInRule');
  });

  test('an action of somebody else counts with its direction, and without a rule', () => {
    const story = new Story().settled();
    const command = { id: 'c', target, expectedCapacity: 2, to: 1, reason: 'External' } as const;
    const source = { kind: 'external', sender: 'ops' } as const;
    const times = { decidedAt: story.now, startBy: story.now };
    story.outcome({ ...command, source, ...times }, 'Applied', 1);
    const { state } = story.fold.snapshot().targets[0] ?? {};
    expect(state).toMatchObject({ lastActionDirection: 'in', recentActions: [story.now] });
    expect(state).not.toHaveProperty('lastCooldownMs');
  });
});

describe('a message of several events', () => {
  test('gives one evaluation, that sees them all', () => {
    const story = new Story();
    story.set(1);
    const fold = PartitionFold.restore(story.fold.identity, story.fold.snapshot());
    const observation = { target, commandId: 'c', detail: '', at: story.now, instances: 2 };
    const messages = fold.applyMessage(fold.sequence + 1, after(story.now, secondMs), [
      { kind: 'capacity', observation: { ...observation, instances: 99 } },
      { kind: 'capacity', observation },
    ]);
    expect(messages).toMatchObject([
      { kind: 'decision', decision: { reason: 'Warming', capacity: { before: 2 } } },
    ]);
  });

  test('may be folded with pauses', () => {
    const story = new Story();
    const { fold } = story;
    const targets = 2_500;
    for (let i = 0; i < targets; i++)
      story.set(1, {}, defaultPolicy, `${target}/${i}` as typeof target);
    const steps = fold.steps(fold.sequence + 1, after(story.now, hourMs), [{ kind: 'tick' }]);
    let pauses = 0;
    while (steps.next().done !== true) pauses++;
    expect(pauses).toBe(5);
    expect(fold.counts.evaluations).toBe(2 * targets);
  });
});
