import { describe, expect, test } from '@jest/globals';
import { after, hourMs, instant, minuteMs } from '@headroom/core';
import type { AuditRecord, Instant, TargetId } from '@headroom/core';
import type { AuditLog, AuditQuestion } from '@headroom/ports';
import { aCommand, aDecision, anOutcome, decisionRecord, newTarget, noon } from './samples.ts';

const day = 24 * hourMs;

export function auditLogContract(name: string, log: () => AuditLog): void {
  describe(`AuditLog, ${name}`, () => {
    test('gives every kind of record back as it was', async () => {
      const target = newTarget();
      const records = oneOfEach(target);
      for (const record of records) expect(await log().create(record)).toBe('created');
      expect(await all(log(), { target, since: noon })).toEqual(records);
    });

    test('says of a record that is there that it is the same', async () => {
      const record = decisionRecord(newTarget());
      await log().create(record);
      expect(await log().create(structuredClone(record))).toBe('same');
    });

    test('keeps the first content of an id', async () => {
      const target = newTarget();
      const decision = aDecision(target);
      const first: AuditRecord = { kind: 'decision', decision };
      const second: AuditRecord = { kind: 'decision', decision: { ...decision, unchanged: 9 } };
      await log().create(first);
      expect(await log().create(second)).toBe('different');
      expect(await all(log(), { target, since: noon })).toEqual([first]);
    });

    test('takes a decision and an outside command under its id for two contents', async () => {
      const decision = aDecision(newTarget());
      const command = { ...aCommand(decision.target), id: decision.id };
      await log().create({ kind: 'decision', decision });
      expect(await log().create({ kind: 'external', command })).toBe('different');
    });

    test('lets one of many that write the same record create it', async () => {
      const record = decisionRecord(newTarget());
      const answers = await Promise.all(Array.from({ length: 6 }, () => log().create(record)));
      expect(answers.toSorted()).toEqual(['created', 'same', 'same', 'same', 'same', 'same']);
    });

    test('keeps a command whose sender chose an id like a path', async () => {
      const target = newTarget();
      const command = { ...aCommand(target), id: `https://host/a?b#c\\d ${target}` };
      const record: AuditRecord = { kind: 'external', command };
      expect(await log().create(record)).toBe('created');
      expect(await log().create(record)).toBe('same');
      expect(await all(log(), { target, since: noon })).toEqual([record]);
    });

    test('answers in the order of log time, across months', async () => {
      const target = newTarget();
      const times = [40, 0, 65, 2, 33].map((days) => after(noon, -days * day));
      for (const at of times) await log().create(decisionRecord(target, at));
      const found = await all(log(), { target, since: after(noon, -70 * day), until: noon });
      expect(found.map(timeOf)).toEqual(times.toSorted((a, b) => a - b));
    });

    test('answers over years', async () => {
      const target = newTarget();
      const times = [Date.UTC(2024, 0, 1), Date.UTC(2025, 6, 9), Date.UTC(2026, 10, 2)].map(
        instant,
      );
      for (const at of times) await log().create(decisionRecord(target, at));
      expect((await all(log(), { target, since: instant(0) })).map(timeOf)).toEqual(times);
    });

    test('takes both ends of the time asked for', async () => {
      const target = newTarget();
      const times = [0, 1, 2, 3].map((minutes) => after(noon, minutes * minuteMs));
      for (const at of times) await log().create(decisionRecord(target, at));
      const [, since, until] = times as [Instant, Instant, Instant];
      expect((await all(log(), { target, since, until })).map(timeOf)).toEqual([since, until]);
    });

    test('asks of one target or of all', async () => {
      const [one, other] = [newTarget(), newTarget()];
      const second = after(noon, -1);
      await log().create(decisionRecord(one));
      await log().create(decisionRecord(other, second));
      expect(await all(log(), { target: one, since: second })).toHaveLength(1);
      const everybody = await all(log(), { since: second, until: noon });
      const mine = everybody.filter((record) => [one, other].includes(targetOf(record)));
      expect(mine.map(targetOf)).toEqual([other, one]);
      const times = everybody.map(timeOf);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    });

    test('answers more than one page', async () => {
      const target = newTarget();
      const count = 520;
      const times = Array.from({ length: count }, (_, index) => after(noon, index));
      await Promise.all(times.map((at) => log().create(decisionRecord(target, at))));
      expect((await all(log(), { target, since: noon })).map(timeOf)).toEqual(times);
    }, 30_000);
  });
}

/** A minute apart, in this order. */
function oneOfEach(target: TargetId): readonly AuditRecord[] {
  const command = aCommand(target);
  const decision = aDecision(target);
  const later = (minutes: number): Instant => after(noon, minutes * minuteMs);
  return [
    { kind: 'decision', decision, command: { ...command, id: decision.id } },
    { kind: 'external', command: { ...command, decidedAt: later(1) } },
    { kind: 'outcome', outcome: anOutcome(command, later(2)) },
    {
      kind: 'divergence',
      divergence: {
        id: `${command.id}-d`,
        recordId: command.id,
        target,
        at: later(3),
        second: '{}',
      },
    },
  ];
}

function timeOf(record: AuditRecord): Instant {
  switch (record.kind) {
    case 'decision':
      return record.decision.at;
    case 'external':
      return record.command.decidedAt;
    case 'outcome':
      return record.outcome.at;
    case 'divergence':
      return record.divergence.at;
  }
}

function targetOf(record: AuditRecord): TargetId {
  switch (record.kind) {
    case 'decision':
      return record.decision.target;
    case 'external':
      return record.command.target;
    case 'outcome':
      return record.outcome.target;
    case 'divergence':
      return record.divergence.target;
  }
}

async function all(log: AuditLog, question: AuditQuestion): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = [];
  for await (const record of log.query(question)) found.push(record);
  return found;
}
