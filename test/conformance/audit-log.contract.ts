import { describe, expect, test } from '@jest/globals';
import {
  after,
  defaultPolicy,
  hourMs,
  idOf,
  instant,
  limitTarget,
  minuteMs,
  placeOf,
} from '@headroom/core';
import type { AuditRecord, Instant, SettingRecord, TargetId } from '@headroom/core';
import { foundMax } from '@headroom/ports';
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

    test('finds records of every target by how their ids begin', async () => {
      const [one, other] = [newTarget(), newTarget()];
      const [first, second] = twins(one, other);
      const outcome = anOutcome({ ...aCommand(other), id: second.id }, after(noon, minuteMs));
      await log().create({ kind: 'decision', decision: second });
      await log().create({ kind: 'outcome', outcome });
      await log().create({ kind: 'decision', decision: first });
      const found = async (beginning: string) => (await log().find(beginning)).map(placeOf);
      expect(await found(second.id.slice(0, 10))).toMatchObject([
        { id: first.id },
        { id: second.id },
      ]);
      expect(await log().find(second.id)).toEqual([{ kind: 'decision', decision: second }]);
      expect(await found(outcome.id.slice(0, 12))).toMatchObject([{ id: outcome.id }]);
      expect(await found(`${second.id}0`)).toEqual([]);
    });

    test('finds a command by the whole id that its sender chose', async () => {
      const target = newTarget();
      const command = { ...aCommand(target), id: `https://host/a?b#c ${target}` };
      await log().create({ kind: 'external', command });
      expect(await log().find(command.id)).toEqual([{ kind: 'external', command }]);
    });

    test('finds so many and no more', async () => {
      const target = newTarget();
      const beginning = `many-${process.pid}-${name.length}-`;
      for (let serial = 0; serial <= foundMax; serial++) {
        const decision = { ...aDecision(target), id: `${beginning}${serial}` };
        await log().create({ kind: 'decision', decision });
      }
      expect(await log().find(beginning)).toHaveLength(foundMax);
    });

    test('does not find what is said about a record', async () => {
      const target = newTarget();
      const divergence = { id: `unsought-${target}`, recordId: 'r', target, at: noon, second: '' };
      await log().create({ kind: 'divergence', divergence });
      expect(await log().find('unsought-')).toEqual([]);
    });

    describe('the setting of a decision', () => {
      const at = (minutes: number) => after(noon, minutes * minuteMs);

      test('is the version that it names, as it took force', async () => {
        const target = newTarget();
        const records = [1, 2, 3].map((version) => settingRecord(target, version, at(version)));
        for (const setting of records) await log().create({ kind: 'setting', setting });
        const decision = { ...aDecision(target, at(9)), setting: { id: 'blue', version: 2 } };
        expect(await log().settingOf(decision)).toEqual(records[1]);
      });

      test('is the newest of that name by the time of the decision', async () => {
        const target = newTarget();
        const records = [0, 5, 10].map((minutes) => settingRecord(target, 1, at(minutes)));
        for (const setting of records.toReversed())
          await log().create({ kind: 'setting', setting });
        const found = await Promise.all(
          [4, 5, 6].map((minutes) => log().settingOf(aDecision(target, at(minutes)))),
        );
        expect(found).toEqual([records[0], records[1], records[1]]);
      });

      test('may lie in an earlier month', async () => {
        const target = newTarget();
        const setting = settingRecord(target, 1, after(noon, -70 * day));
        await log().create({ kind: 'setting', setting });
        expect(await log().settingOf(aDecision(target))).toEqual(setting);
      });

      test('is none that moved to another partition', async () => {
        const account = newTarget();
        const setting = settingRecord(account, 1, at(0));
        const content = { kind: 'moved', group: 'we' } as const;
        const moved = { ...setting, id: `moved-${setting.id}`, at: at(1) };
        await log().create({ kind: 'setting', setting });
        await log().create({
          kind: 'setting',
          setting: { ...moved, version: { ...setting.version, content } },
        });
        expect(await log().settingOf(aDecision(account, at(2)))).toEqual(setting);
      });

      test('of a limit is that of its account', async () => {
        const account = newTarget();
        const setting = settingRecord(account, 1, at(0));
        await log().create({ kind: 'setting', setting });
        expect(await log().settingOf(aDecision(limitTarget(account, 'default')))).toEqual(setting);
      });

      test('is not that of another target, number or name, or of later', async () => {
        const target = newTarget();
        const others = [
          settingRecord(newTarget(), 1, noon),
          settingRecord(target, 2, noon),
          settingRecord(target, 1, at(1)),
          settingRecord(target, 1, noon, 'green'),
        ];
        for (const setting of others) await log().create({ kind: 'setting', setting });
        expect(await log().settingOf(aDecision(target))).toBeUndefined();
      });
    });
  });
}

/** Two decisions whose ids begin alike, the first of them made first. */
function twins(one: TargetId, other: TargetId) {
  const decision = aDecision(other, after(noon, 2 * minuteMs));
  const id = idOf(decision.id, one);
  return [
    { ...aDecision(one), id: `${id.slice(0, 10)}-first` },
    { ...decision, id: `${id.slice(0, 10)}-second` },
  ] as const;
}

function settingRecord(target: TargetId, version: number, at: Instant, id = 'blue'): SettingRecord {
  const capacity = { minimum: 1, maximum: 5, default: 1 };
  const profiles = [{ name: 'Auto', capacity, rules: [] }];
  const setting = { name: id, enabled: true, target, profiles };
  const content = { kind: 'setting', setting, policy: defaultPolicy, overrides: [] } as const;
  return {
    id: idOf(target, id, version, at),
    target,
    at,
    version: { target, id, version, content },
  };
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
    { kind: 'setting', setting: settingRecord(target, 1, later(4)) },
  ];
}

function timeOf(record: AuditRecord): Instant {
  return placeOf(record).at;
}

function targetOf(record: AuditRecord): TargetId {
  return placeOf(record).target;
}

async function all(log: AuditLog, question: AuditQuestion): Promise<readonly AuditRecord[]> {
  const found: AuditRecord[] = [];
  for await (const record of log.query(question)) found.push(record);
  return found;
}
