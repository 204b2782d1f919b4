import { beforeAll, describe, expect, test } from '@jest/globals';
import { after, decideAgain, idOf, instant, minuteMs, targetId } from '@headroom/core';
import type { AuditRecord, Decision } from '@headroom/core';
import { openStores, silentLog } from '../connections.ts';
import { decisionOn, ruleOf } from '../view/explanation.fixture.ts';
import type { Told } from '../view/explanation.fixture.ts';
import { useHeadroom } from './headroom.fixture.ts';

/** Against the embedded Azure, through the real SDK. */
const current = useHeadroom('2026-11-21T15:00:00Z');
const cpu = 'CpuUtilizationPercentage';
const target = targetId('/subscriptions/s/providers/m/onlineEndpoints/chat/deployments/blue');
const two = instant(Date.parse('2026-11-21T14:00:00Z'));
const eager = [ruleOf(cpu, 'GreaterThan', 50, 2)];

const { content } = decisionOn({});
if (content.kind !== 'setting') throw new Error('the fixture is a setting');
const { setting, policy } = decisionOn({ rules: eager }).content as typeof content;
const shadows = [{ name: 'eager', content: { kind: 'setting', setting, policy } as const }];
const version = { target, id: 'chat-blue', version: 3, content: { ...content, shadows } };

/** What is decided so many minutes after two o'clock. */
function made(minutes: number, told: Told, shadow?: string): Decision {
  const { decision } = decisionOn(told);
  const id = idOf(minutes, shadow ?? '');
  const own = { ...decision, id, at: after(two, minutes * minuteMs) };
  const whose = shadow === undefined ? own : { ...own, shadow, mode: 'observe' as const };
  return { ...whose, ...decideAgain(whose, version.content) };
}

const real = [made(0, { readings: { [cpu]: 60 } }), made(14, { readings: { [cpu]: 60 } })];
const asked = made(3, { rules: eager, readings: { [cpu]: 60 } }, 'eager');
const cooling = made(
  4,
  {
    rules: eager,
    readings: { [cpu]: 60 },
    state: { lastActionAt: instant(Date.parse('2026-11-21T14:05:00Z')) },
  },
  'eager',
);
const calm = made(13, { rules: eager, readings: { [cpu]: 40 } }, 'eager');

beforeAll(async () => {
  const records: readonly AuditRecord[] = [
    { kind: 'setting', setting: { id: idOf('v3'), target, at: after(two, -minuteMs), version } },
    ...[...real, asked, cooling, calm].map((decision): AuditRecord => ({
      kind: 'decision',
      decision,
    })),
  ];
  const stores = await openStores({ ...current().azure.env }, silentLog);
  for (const record of records) await stores.audit.create(record);
  stores.close();
});

const run = (...args: string[]) => current().run(...args, '--data', current().folder);

describe('headroom compare', () => {
  const compare = (...args: string[]) => run('compare', target, ...args);

  test('says by day what both decided, and where they differ', async () => {
    expect([asked.reason, cooling.reason, calm.reason]).toEqual([
      'ScaleOutRule',
      'Cooldown',
      'NotTriggered',
    ]);
    const { code, out, err } = await compare('--since', '1h');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n').slice(0, 9)).toEqual([
      'chat/blue  2026-11-21 14:00:00Z to 2026-11-21 15:00:00Z, version 3 of the setting, days of UTC',
      '',
      '2026-11-21',
      '  in force  0 scale-outs, 0 scale-ins',
      '            held 31 min of 31 min: NotTriggered 31 min',
      '  eager     1 scale-out, 0 scale-ins',
      '            held 26 min of 27 min: NotTriggered 17 min, Cooldown 9 min',
      '            wanted another count for 10 min of 27 min, 2.0 more on average',
      '              2026-11-21 14:03:00Z for 10 min: 6 instead of 4',
    ]);
    expect(out).toContain(`ScaleOut ScaleOutRule: headroom explain ${asked.id.slice(0, 12)}`);
    expect(out).toContain('decides on the capacity that is really there');
  });

  test('the ids that it names are explained', async () => {
    const { code, out } = await run('explain', asked.id.slice(0, 12));
    expect(code).toBe(0);
    expect(out).toContain('ScaleOut ScaleOutRule  chat/blue shadow eager');
    expect(out).toContain('From 4 to 6 instances; not carried out: a shadow only decides.');
    expect(out).toContain('setting chat-blue, version 3, its shadow eager');
    expect(out).toContain('> 50');
  });

  test('as NDJSON', async () => {
    const { out } = await compare('--since', '1h', '--json', '--shadow', 'eager');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { kind: 'day', day: '2026-11-21', scaleOuts: 0, heldMs: { NotTriggered: 31 * minuteMs } },
      {
        ...{ kind: 'day', shadow: 'eager', scaleOuts: 1 },
        beside: {
          differsMs: 10 * minuteMs,
          telling: [{ from: '2026-11-21T14:03:00.000Z', shadow: { count: 6, decision: asked.id } }],
        },
      },
      { kind: 'total', versions: [3], scaleOuts: 0 },
      { kind: 'total', shadow: 'eager' },
    ]);
  });

  test.each([
    [['--shadow', 'egaer'], 0, 'No shadow egaer of chat/blue decided anything'],
    [['--since', '20m'], 0, 'headroom shadow add'],
    [['--time-zone', 'Mars/Base'], 1, '--time-zone: no zone Mars/Base is known here'],
    [['--since', '2030-01-01'], 1, '--since must lie before the end'],
  ])('%j', async (args, exit, message) => {
    const { code, out, err } = await compare(...args);
    expect({ code, out }).toEqual({ code: exit, out: '' });
    expect(err).toContain(message);
  });
});

describe('the audit log', () => {
  const audit = (...args: string[]) => run('audit', '--since', '2h', ...args);

  test('leaves shadows out unless one is asked for', async () => {
    const without = await audit();
    expect(without.out).not.toContain('ScaleOut');
    expect(without.out).toContain('mode act, shadows eager');
    expect(without.err).toContain('3 decisions of shadows are left out');
    const { out, err } = await audit('--shadow', 'eager');
    expect(out).toContain('ScaleOut ScaleOutRule  chat/blue shadow eager  4 → 6');
    expect(out).toContain('not carried out: a shadow only decides');
    expect(out).not.toContain('Setting  chat/blue');
    expect(err).toBe('');
    expect((await audit('--shadow', 'nobody')).err).toContain(
      'of a shadow nobody beside any target',
    );
  });

  test('replays the decisions of shadows with their own rules', async () => {
    const all = await run('replay');
    expect(all.out).toContain('replayed 5, 5 identical');
    expect((await run('replay', '--shadow', 'eager')).out).toContain('replayed 3, 3 identical');
  });
});
