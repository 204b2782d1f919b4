import { describe, expect, test } from '@jest/globals';
import { after, minuteMs, secondMs } from '../lang/instant.ts';
import { rule, setting, target } from '../decision/decide.fixture.ts';
import { judge } from '../decision/decide.ts';
import { defaultPolicy } from '../setting/policy.ts';
import type { ScaleCommand } from '../command/command.ts';
import { targetId } from '../lang/target.ts';
import { topicMessageId } from '../audit/message-id.ts';
import { begin, oneMinute, reasonsOf, scaleCommand, Story } from './story.fixture.ts';

describe('a new setting', () => {
  test('asks for the capacity, waits for a whole window, then decides', () => {
    const story = new Story();
    expect(reasonsOf(story.set(1))).toEqual(['CapacityUnknown', 'read']);
    story.tick(secondMs);
    expect(reasonsOf(story.capacity(2))).toEqual(['Warming']);
    expect(reasonsOf(story.cpu(50, 70))).toEqual(['NotTriggered', 'read']);
  });

  test('asks again every 30 s until somebody answers, one question at a time', () => {
    const story = new Story();
    story.set(1);
    expect(reasonsOf(story.ticks(29))).toEqual([]);
    expect(reasonsOf(story.ticks(2))).toEqual(['read']);
  });

  test('an answer that there is no such target does not make it ask faster', () => {
    const story = new Story();
    story.set(1);
    story.tick(secondMs);
    story.capacity();
    expect(reasonsOf(story.ticks(20))).toEqual([]);
  });

  test('a version at or below the one in force changes nothing', () => {
    const story = new Story().settled();
    story.set(1, { enabled: false });
    expect(reasonsOf(story.ticks(61))).not.toContain('Disabled');
    expect(story.fold.versionOf(target)).toBe(1);
  });

  test('a new version keeps the window: an edited threshold is not blind', () => {
    const story = new Story().settled();
    story.tick(secondMs);
    const edited = { profiles: [{ ...setting([rule('cpu > 40 out 1', oneMinute)]).profiles[0]! }] };
    expect(reasonsOf(story.set(2, edited))).toEqual(['ScaleOutRule']);
  });

  test('a tombstone ends it', () => {
    const story = new Story().settled();
    story.put(2, { kind: 'tombstone' });
    expect(reasonsOf(story.cpu(100, 120))).toEqual([]);
    expect(story.fold.versionOf(target)).toBe(2);
  });

  test('one that cannot be read holds with the reason', () => {
    const story = new Story();
    const said = story.put(1, { kind: 'unreadable', problems: ['properties.profiles: missing'] });
    expect(said).toMatchObject([
      { kind: 'setting', setting: { version: { version: 1 } } },
      { decision: { reason: 'Error', trail: [{ answer: 'properties.profiles: missing' }] } },
    ]);
  });
});

describe('an action', () => {
  test('is one message: the decision with its inputs, and the absolute command', () => {
    const command = new Story().scaling();
    expect(command).toMatchObject({ expectedCapacity: 2, to: 4, reason: 'ScaleOutRule', target });
    expect(command.startBy - command.decidedAt).toBe(2 * minuteMs);
    expect(command.source).toMatchObject({ kind: 'log', position: { logId: 'log', partition: 3 } });
  });

  test('is followed by nothing until its outcome', () => {
    const story = new Story();
    story.started(story.scaling());
    const said = reasonsOf(story.cpu(100, 300));
    expect(new Set(said)).toEqual(new Set(['read']));
    expect(reasonsOf(story.said)).toContain('InFlight');
  });

  test('its outcome brings the capacity; the cooldown counts from the decision', () => {
    const story = new Story();
    const command = story.scaling();
    story.outcome(command, 'Applied', 4);
    expect(reasonsOf(story.cpu(100, 20))).toContain('Cooldown');
    const next = scaleCommand(story.cpu(100, 40));
    expect(next.decidedAt - command.decidedAt).toBeGreaterThanOrEqual(minuteMs);
    expect(next.decidedAt - command.decidedAt).toBeLessThan(minuteMs + 6 * secondMs);
  });

  test('that nobody starts is given up 30 s after `startBy`, when the capacity is seen', () => {
    const story = new Story();
    const command = story.scaling();
    story.ticks(100);
    story.capacity(2);
    expect(reasonsOf(story.cpu(100, 30))).not.toContain('ScaleOutRule');
    story.ticks(30);
    const again = scaleCommand([...story.capacity(2), ...story.cpu(100, 60)]);
    expect(again.id).not.toBe(command.id);
  });

  test('in mode observe sends no command and starts its cooldown at the decision', () => {
    const story = new Story();
    story.set(1, {}, { ...defaultPolicy, mode: 'observe' });
    story.capacity(2);
    story.cpu(50, 70);
    const said = story.cpu(100, 55);
    expect(said.some(({ kind }) => kind === 'scale')).toBe(false);
    expect(reasonsOf(said)).toEqual(expect.arrayContaining(['ScaleOutRule', 'Cooldown']));
  });

  test('an outcome that is repeated late changes nothing, not even the capacity', () => {
    const story = new Story();
    const first = story.scaling();
    story.outcome(first, 'Applied', 4);
    const second = scaleCommand(story.cpu(100, 70));
    story.outcome(second, 'Applied', 6);
    story.outcome(first, 'Applied', 4);
    expect(story.fold.snapshot().targets[0]?.state.capacity).toMatchObject({ instances: 6 });
  });

  test('an outcome from a log before this one, which counted further, hides none of ours', () => {
    const story = new Story();
    const command = story.scaling();
    const position = { logId: 'an older log', partition: 3, sequence: 1_000_000 };
    story.outcome({ ...command, id: 'old', source: { kind: 'log', position } }, 'Applied', 2);
    story.outcome(command, 'Applied', 4);
    expect(story.fold.snapshot().targets[0]?.state.inFlight).toBeUndefined();
  });

  test('one that was given up and reached the provider after all starts a cooldown', () => {
    const story = new Story();
    const command = story.scaling();
    story.ticks(151);
    story.capacity(2);
    story.outcome(command, 'Applied', 4);
    const appliedAt = story.now;
    const next = scaleCommand(story.cpu(100, 180));
    expect(next.decidedAt - appliedAt).toBeGreaterThanOrEqual(minuteMs);
  });

  test.each(['NoOp', 'Superseded', 'Expired'] as const)('%s starts no cooldown', (kind) => {
    const story = new Story();
    story.outcome(story.scaling(), kind, 2, false);
    expect(reasonsOf(story.cpu(100, 10))).toContain('ScaleOutRule');
  });
});

describe('after failures', () => {
  test('it waits 5 s, then 10 s, doubling to 15 minutes; a success ends the row', () => {
    const story = new Story();
    let command = story.scaling();
    const waits: number[] = [];
    for (let failure = 0; failure < 11; failure++) {
      story.tick(secondMs);
      story.outcome(command, 'Rejected', 2, false);
      const failedAt = story.now;
      command = nextScale(story);
      waits.push(Math.round((command.decidedAt - failedAt) / secondMs));
    }
    expect(waits.slice(0, 3)).toEqual([5, 10, 20]);
    expect(waits.at(-1)).toBe(900);
    story.outcome(command, 'Applied', 4);
    expect(story.fold.snapshot().targets[0]?.state.backoff).toBeUndefined();
  });

  function nextScale(story: Story): ScaleCommand {
    for (let tries = 0; tries < 300; tries++) {
      const found = story.cpu(100, 5).find((message) => message.kind === 'scale');
      if (found?.kind === 'scale') return found.command;
    }
    throw new Error('it never tried again');
  }
});

describe('records', () => {
  test('an unchanged finding is on record again every 15 minutes, with a count', () => {
    const story = new Story().settled();
    const said = story.cpu(50, 30 * 60);
    const beats = said.flatMap((message) =>
      message.kind === 'decision' ? [message.decision] : [],
    );
    expect(beats.map(({ record }) => record)).toEqual(['heartbeat', 'heartbeat']);
    expect((beats[1]?.at ?? 0) - (beats[0]?.at ?? 0)).toBe(15 * minuteMs);
    expect(beats[1]?.unchanged).toBe(179);
  });

  test('heartbeats have a phase of their own', () => {
    const story = new Story();
    const targets = Array.from({ length: 40 }, (_, i) => targetId(`${target}/${i}`));
    for (const id of targets) story.set(1, {}, defaultPolicy, id);
    const beats = story.ticks(15 * 60).filter((message) => message.kind === 'decision');
    const minutes = new Set(
      beats.map(({ decision }) => Math.floor((decision.at - begin) / minuteMs)),
    );
    expect(beats).toHaveLength(targets.length);
    expect(minutes.size).toBeGreaterThan(8);
  });

  test('auditLevel all writes each evaluation', () => {
    const story = new Story();
    story.set(1, {}, { ...defaultPolicy, auditLevel: 'all' });
    story.capacity(2);
    story.cpu(50, 70);
    const decided = reasonsOf(story.cpu(50, 30)).filter((reason) => reason !== 'read');
    expect(decided).toEqual(Array.from({ length: 6 }, () => 'NotTriggered'));
  });

  test('a setting is evaluated at most once a second', () => {
    const story = new Story().settled();
    const before = story.fold.counts.evaluations;
    for (let i = 0; i < 20; i++) {
      story.now = after(story.now, 50);
      story.capacity(2);
    }
    expect(story.fold.counts.evaluations - before).toBeLessThanOrEqual(2);
  });

  test('a capacity that is confirmed is no reason to evaluate', () => {
    const story = new Story().settled();
    story.tick(2 * secondMs);
    const before = story.fold.counts.evaluations;
    story.capacity(2);
    expect(story.fold.counts.evaluations).toBe(before);
    story.capacity(3);
    expect(story.fold.counts.evaluations).toBe(before + 1);
  });

  test('nor is the minute, for whom data comes more often', () => {
    const story = new Story().settled();
    const before = story.fold.counts.evaluations;
    story.cpu(50, 600);
    expect(story.fold.counts.evaluations - before).toBe(120);
  });

  test('and at least once a minute', () => {
    const story = new Story().settled();
    const before = story.fold.counts.evaluations;
    story.ticks(180);
    expect(story.fold.counts.evaluations - before).toBeGreaterThanOrEqual(3);
  });
});

describe('blast radius', () => {
  const other = targetId('/subscriptions/s/providers/x/deployments/green');

  test('a setting that makes the evaluator throw is held; its neighbour goes on', () => {
    const story = new Story({
      judge: (input, inWords) => {
        if (input.setting.name === 'bad') throw new RangeError('no such number');
        return judge(input, inWords);
      },
    });
    story.set(1, { name: 'bad' }, defaultPolicy, other);
    story.settled();
    const errors = story.said.filter((m) => m.kind === 'decision' && m.decision.reason === 'Error');
    expect(errors).toMatchObject([
      { decision: { target: other, trail: [{ step: 'error', answer: 'no such number' }] } },
    ]);
    expect(reasonsOf(story.cpu(100))).toContain('ScaleOutRule');
  });

  test('an event that cannot be read is counted', () => {
    const story = new Story().settled();
    story.happens({ kind: 'unreadable', problem: 'version 9' });
    expect(story.fold.counts.unreadable).toBe(1);
    expect(reasonsOf(story.cpu(100))).toContain('ScaleOutRule');
  });
});

test('settings of one name for two targets never share an id', () => {
  const story = new Story();
  story.set(1);
  story.set(1, {}, defaultPolicy, targetId('/subscriptions/s/providers/x/deployments/green'));
  const atOneTick = story.ticks(30).filter(({ kind }) => kind === 'read');
  expect(atOneTick).toHaveLength(2);
  expect(new Set(atOneTick.map(topicMessageId)).size).toBe(2);
});

test('a sample ahead of now is looked at when now reaches its end, and counted', () => {
  const story = new Story().settled();
  story.ticks(2);
  const before = story.now;
  story.now = after(before, 7 * secondMs);
  const ahead = () => story.fold.counts.ahead;
  expect(ahead()).toBe(0);
  story.sample(100, before);
  expect(ahead()).toBe(1);
  const evaluated: number[] = [];
  for (let second = 1; second <= 9; second++) {
    const { evaluations } = story.fold.counts;
    story.now = after(before, second * secondMs);
    story.happens({ kind: 'tick' });
    if (story.fold.counts.evaluations > evaluations) evaluated.push(second);
  }
  expect(evaluated).toContain(7);
});

test('after a cold start cooldowns begin at the first event', () => {
  const story = new Story({ cold: true }).settled();
  expect(story.fold.snapshot().targets[0]?.state.lastActionAt).toBe(begin);
});

test('time never goes back, whatever the broker says', () => {
  const story = new Story().settled();
  const { now } = story.fold;
  story.tick(-minuteMs);
  expect(story.fold.now).toBe(now);
});
