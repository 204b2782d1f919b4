import { describe, expect, test } from '@jest/globals';
import { after, hourMs, instant, minuteMs, outcomeId, secondMs } from '@headroom/core';
import type { Outcome } from '@headroom/core';
import type { CapacityReading, OperationHead, OperationState } from '@headroom/ports';
import type { Task } from './applier-ports.ts';
import { judgeAdoption, judgeCapacity, judgeHead } from './judge.ts';
import { blue, command, green, start } from './fixture.ts';

const own = command('own', { sequence: 10 });
const task: Task = { command: own, key: 'endpoint', supported: true, attempt: 0 };
const claimed = (agoMs: number): OperationState => ({
  kind: 'claimed',
  claimedAt: instant(start - agoMs),
});
const running = (agoMs: number, attempt = 0): OperationState => ({
  kind: 'running',
  claimedAt: instant(start - agoMs),
  startedAt: instant(start - agoMs),
  operation: 'operation-1',
  attempt,
});
const outcome: Outcome = {
  id: outcomeId(own.id),
  commandId: own.id,
  target: blue,
  kind: 'Applied',
  to: 4,
  reachedProvider: true,
  detail: '',
  at: start,
  source: own.source,
};
const head = (state: OperationState, more: Partial<OperationHead> = {}): OperationHead => ({
  exclusionKey: 'endpoint',
  command: own,
  state,
  positions: [],
  recent: [],
  ...more,
});
const other = { command: command('other', { target: green, sequence: 5 }) };
const done: OperationState = { kind: 'done', outcome, delivered: true };
const at = (
  target: Task['command']['target'],
  logId: string,
  sequence: number,
  partition?: number,
) => ({
  positions: [{ target, logId, sequence, ...(partition === undefined ? {} : { partition }) }],
});

describe('a command, by what the ledger says', () => {
  test.each<[string, OperationHead | undefined, Partial<Task>, object]>([
    ['nothing', undefined, {}, { kind: 'ask', adopting: false }],
    ['its outcome', head(done, { recent: [outcome] }), {}, { kind: 'repeat', outcome }],
    [
      'its outcome, under a newer head',
      head(running(0), { ...other, recent: [outcome] }),
      {},
      { kind: 'repeat' },
    ],
    ['nothing, of an unknown kind', undefined, { supported: false }, { kind: 'end' }],
    ['its running operation', head(running(0)), {}, { kind: 'announce' }],
    ['its running operation, later', head(running(0)), { attempt: 1 }, { kind: 'look' }],
    ['its open claim', head(claimed(0)), {}, { kind: 'leave' }],
    ['its open claim, a minute old', head(claimed(minuteMs)), {}, { kind: 'leave' }],
    [
      'the claim that was waited for',
      head(claimed(minuteMs)),
      { waitedFor: instant(start - minuteMs) },
      { kind: 'ask', adopting: true },
    ],
    [
      'another claim than was waited for',
      head(claimed(minuteMs)),
      { waitedFor: instant(start - 2 * minuteMs) },
      { kind: 'leave' },
    ],
    [
      'the claim that was waited for, too early by the clock',
      head(claimed(59 * secondMs)),
      { waitedFor: instant(start - 59 * secondMs) },
      { kind: 'leave' },
    ],
    ['a claim given back', head(claimed(start)), {}, { kind: 'ask', adopting: false }],
    ["another's open claim", head(claimed(0), other), {}, { kind: 'wait' }],
    ["another's operation", head(running(hourMs), other), {}, { kind: 'wait' }],
    ["another's claim, abandoned", head(claimed(16 * minuteMs), other), {}, { kind: 'rescue' }],
    ["another's operation, abandoned", head(running(3 * hourMs), other), {}, { kind: 'rescue' }],
    [
      'a newer position of its target',
      head(done, { ...other, ...at(blue, 'log', 11, 1) }),
      {},
      { kind: 'end', ending: { outcome: 'Superseded', reachedProvider: false } },
    ],
    ['a newer position of another log', head(done, at(blue, 'log2', 11, 1)), {}, { kind: 'ask' }],
    ['a higher one of another partition', head(done, at(blue, 'log', 11, 2)), {}, { kind: 'ask' }],
    ['a higher one of who knows which', head(done, at(blue, 'log', 11)), {}, { kind: 'ask' }],
    [
      'a newer position of another target',
      head(done, at(green, 'log', 11, 1)),
      {},
      { kind: 'ask' },
    ],
    ['its own position', head(done, { ...other, ...at(blue, 'log', 10, 1) }), {}, { kind: 'ask' }],
  ])('%s', (_, found, change, step) => {
    expect(judgeHead({ ...task, ...change }, found, start)).toMatchObject(step);
  });

  test('is Expired after startBy, not at it', () => {
    expect(judgeHead(task, undefined, own.startBy)).toMatchObject({ kind: 'ask' });
    expect(judgeHead(task, undefined, after(own.startBy, 1))).toMatchObject({
      kind: 'end',
      ending: { outcome: 'Expired', reachedProvider: false },
    });
  });

  test('does not expire once its operation runs', () => {
    const late = after(own.startBy, hourMs);
    expect(judgeHead({ ...task, attempt: 9 }, head(running(0)), late)).toMatchObject({
      kind: 'look',
    });
  });
});

const found = (instances: number, busy = false): CapacityReading => ({
  kind: 'capacity',
  instances,
  busy,
});
const gone: CapacityReading = { kind: 'notFound', detail: 'no such deployment' };

describe('a command, by the capacity that was found (2 expected, 4 wanted)', () => {
  test.each<[string, CapacityReading, string]>([
    ['2', found(2), 'send'],
    ['2, busy', found(2, true), 'wait'],
    ['4', found(4), 'NoOp'],
    ['3', found(3), 'Superseded'],
    ['nothing', gone, 'Rejected'],
  ])('%s: %s', (_, reading, expected) => {
    expect(nameOf(judgeCapacity(own, reading))).toBe(expected);
  });
});

describe('an open claim that was waited for, by the capacity that was found', () => {
  const resendEnd = after(own.startBy, 10 * minuteMs);
  test.each<[string, CapacityReading, number, string]>([
    ['4', found(4), start, 'Applied'],
    ['2: the request never went out', found(2), resendEnd, 'send'],
    ['2, too late', found(2), resendEnd + 1, 'Failed'],
    ['2, busy', found(2, true), resendEnd + 1, 'wait'],
    ['2, busy for hours', found(2, true), own.startBy + 2 * hourMs + 1, 'Failed'],
    ['3', found(3), start, 'Superseded'],
    ['nothing', gone, start, 'Failed'],
  ])('%s', (_, reading, now, expected) => {
    expect(nameOf(judgeAdoption(own, reading, instant(now)))).toBe(expected);
  });
});

function nameOf(step: ReturnType<typeof judgeCapacity>): string {
  return step.kind === 'end' ? step.ending.outcome : step.kind;
}
