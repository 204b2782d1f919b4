import { beforeAll, describe, expect, test } from '@jest/globals';
import { idOf, instant, outcomeId } from '@headroom/core';
import type { AuditRecord, Decision, Outcome, SettingContent } from '@headroom/core';
import { openStores, silentLog } from '../connections.ts';
import { at, decisionOn, minutesFromNow, target } from '../view/explanation.fixture.ts';
import type { Told } from '../view/explanation.fixture.ts';
import { useHeadroom } from './headroom.fixture.ts';

/** Against the embedded Azure, through the real SDK. */
const current = useHeadroom();
const cpu = 'CpuUtilizationPercentage';

/** A decision of its own, some minutes after the first, with the setting that it was made with. */
function made(told: Told, version: number, over: Partial<Decision> = {}) {
  const { decision, content } = decisionOn(told);
  const id = idOf(JSON.stringify(told), version);
  const own = { ...decision, id, setting: { id: 'chat-blue', version }, ...over };
  return { decision: own, content };
}

function settingRecord(content: SettingContent, version: number): AuditRecord {
  const kept = { target, id: 'chat-blue', version, content };
  return {
    kind: 'setting',
    setting: { id: idOf('setting', version), target, at: minutesFromNow(-30), version: kept },
  };
}

const out = made({ readings: { [cpu]: 84.2 } }, 3);
const hold = made({ readings: { [cpu]: 50 } }, 3);
const tampered = made({ readings: { [cpu]: 71 } }, 3, { reason: 'Pinned', codeVersion: '0.0.9' });
const orphan = made({ readings: { [cpu]: 72 } }, 9);
const twins = ['a', 'b'].map((letter) =>
  made({ readings: { [cpu]: 73 } }, 3, { id: `twin0000${letter}` }),
);
const outcome: Outcome = {
  id: outcomeId(out.decision.id),
  commandId: out.decision.id,
  target,
  kind: 'Applied',
  to: 6,
  capacity: 6,
  reachedProvider: true,
  detail: 'the deployment has 6 instances',
  at: instant(at + 8_000),
  source: { kind: 'log', position: out.decision.position },
};

beforeAll(async () => {
  const decisions = [out, hold, tampered, orphan, ...twins];
  const records: readonly AuditRecord[] = [
    settingRecord(out.content, 3),
    ...decisions.map(({ decision }): AuditRecord => ({ kind: 'decision', decision })),
    { kind: 'outcome', outcome },
  ];
  const stores = await openStores({ ...current().azure.env }, silentLog);
  for (const record of records) await stores.audit.create(record);
  stores.close();
});

describe('headroom explain', () => {
  const explain = (id: string) => current().run('explain', id, '--data', current().folder);

  test('says why, what became of it, and what would have changed it', async () => {
    const { out: text, code } = await explain(out.decision.id);
    expect(code).toBe(0);
    expect(text).toContain('ScaleOut ScaleOutRule  chat/blue  2026-11-21 14:07:09Z');
    expect(text).toContain('From 4 to 6 instances.');
    expect(text).toContain('nearest: CpuUtilizationPercentage at 70 instead of 84.2');
    expect(text).toContain('What became of it');
    expect(text).toContain('Applied  chat/blue  asked for 6, has 6');
  });

  test('takes a beginning of the id, and the id of the outcome', async () => {
    const whole = await explain(hold.decision.id);
    expect(whole.out).toContain('Hold NotTriggered');
    expect(await explain(hold.decision.id.slice(0, 8))).toEqual(whole);
    expect((await explain(outcome.id)).out).toContain(`decision ${out.decision.id}`);
  });

  test('says what it can where the setting is not on record', async () => {
    const { out: text, code } = await explain(orphan.decision.id);
    expect(code).toBe(0);
    expect(text).toContain('Version 9 of the setting chat-blue is not on record');
  });

  test.each([
    ['twin0000', 'twin0000b'],
    ['twin0000', 'give more of it'],
    ['ffffffff', 'no record\'s id begins with "ffffffff"'],
    ['4f1d', 'give at least 8 characters'],
  ])('%s is refused: %s', async (id, text) => {
    const { err, code } = await explain(id);
    expect(code).toBe(1);
    expect(err).toContain(text);
  });
});

describe('headroom replay', () => {
  const replay = (...args: string[]) =>
    current().run('replay', ...args, '--data', current().folder);

  test('everything: a line a difference, and the counts', async () => {
    const { out: text, code } = await replay();
    expect(code).toBe(1);
    const lines = text.trim().split('\n');
    const id = tampered.decision.id;
    expect(lines).toContain(
      `2026-11-21 14:07:09Z  chat/blue  ${id}  reason: recorded "Pinned", replayed "ScaleOutRule" (code 0.0.9)`,
    );
    expect(text).toContain(`${orphan.decision.id}  setting chat-blue version 9 is not on record`);
    expect(lines.at(-2)).toBe('replayed 5, 4 identical, 1 different, 1 without their setting');
    expect(lines.at(-1)).toContain('0.1.0+tz2025b (5)');
  });

  test('one', async () => {
    expect(await replay(out.decision.id.slice(0, 10))).toMatchObject({
      code: 0,
      out: expect.stringContaining('replayed 1, 1 identical, 0 different, 0 without'),
    });
    expect((await replay(tampered.decision.id)).code).toBe(1);
  });

  test('a span of one target', async () => {
    const span = ['--since', '2026-11-21T14:08:00Z', '--until', '2026-11-21T14:20:00Z'];
    const { out: text, code } = await replay('--target', target, ...span);
    expect(code).toBe(0);
    expect(text).toBe('replayed 0, 0 identical, 0 different, 0 without their setting\n');
  });

  test('as NDJSON', async () => {
    const { out: text } = await replay('--json');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toContainEqual(
      expect.objectContaining({
        kind: 'different',
        id: tampered.decision.id,
        differences: [{ path: 'reason', recorded: 'Pinned', replayed: 'ScaleOutRule' }],
      }),
    );
    expect(lines.at(-1)).toMatchObject({
      kind: 'summary',
      replayed: 5,
      different: 1,
      noSetting: 1,
    });
  });

  test('what is no decision cannot be', async () => {
    const { err, code } = await replay(idOf('setting', 3));
    expect(code).toBe(1);
    expect(err).toContain('is no decision of ours but of kind setting');
  });
});

test('headroom audit shows a version of a setting', async () => {
  const args = ['--since', '2026-11-21T13:00:00Z', '--data', current().folder];
  const { out: text } = await current().run('audit', ...args);
  expect(text).toContain('Setting  chat/blue  version 3: profiles 1, rules 2, mode act');
});
