import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, durationText, instant, isoOf, targetId } from '@headroom/core';
import { parseDuration } from './duration.ts';
import { byLikeness } from './likeness.ts';
import { policyLines } from './policy-text.ts';
import { printable, printableIn } from './printable.ts';
import { findKnownTarget, findTarget, findTargetsBelow, shortName } from './target-name.ts';
import { parseWhen } from './when.ts';

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    [' 10s ', 10_000],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: ms });
  });

  test.each(['', '5', 'm', '5 m', '-5m', '0s', '1.5h', '5mm', '400d', '5min'])(
    '%j is refused with an example',
    (text) => {
      const parsed = parseDuration(text);
      expect(parsed.ok ? '' : parsed.error).toBe(
        `"${text}" is no duration: write 90s, 5m, 1h30m or 2d`,
      );
    },
  );

  test.each([
    [0.4, '0 ms'],
    [850, '850 ms'],
    [4_240, '4.2 s'],
    [60_000, '1 min'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms reads %j', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe('points in time', () => {
  const now = instant(Date.parse('2026-11-21T14:00:00Z'));

  test.each([
    ['1h', '2026-11-21T13:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
    ['2026-11-20T08:00Z', '2026-11-20T08:00:00.000Z'],
    ['2026-11-20T08:00:30.5+02:00', '2026-11-20T06:00:30.500Z'],
  ])('%s is %s', (text, expected) => {
    const parsed = parseWhen(text, now);
    expect(parsed.ok ? isoOf(parsed.value) : parsed.error).toBe(expected);
  });

  test.each(['yesterday', '2026-11-20T08:00', '2026-13-45', '14:00'])('%s is refused', (text) => {
    const parsed = parseWhen(text, now);
    expect(parsed.ok ? '' : parsed.error).toContain(`"${text}" is no time`);
  });
});

describe('targets by name', () => {
  const workspace =
    '/subscriptions/s/resourcegroups/rg/providers/microsoft.machinelearningservices/workspaces/w';
  const blue = targetId(`${workspace}/onlineEndpoints/chat/deployments/blue`);
  const green = targetId(`${workspace}/onlineEndpoints/chat/deployments/green`);
  const other = targetId(`${workspace}/onlineEndpoints/mail/deployments/blue`);

  test('the short name is the last two names', () => {
    expect(shortName(blue)).toBe('chat/blue');
  });

  test.each([
    ['chat/blue', blue],
    ['green', green],
    ['deployments/green', green],
    ['/onlineEndpoints/MAIL/deployments/blue/', other],
    [
      `${workspace}/onlineEndpoints/new/deployments/x`,
      targetId(`${workspace}/onlineendpoints/new/deployments/x`),
    ],
  ])('%s', (text, target) => {
    expect(findTarget(text, [blue, green, other])).toEqual({ ok: true, value: target });
  });

  test('an ending of several targets names them', () => {
    const found = findTarget('blue', [blue, green, other]);
    expect(found.ok ? '' : found.error).toBe(
      `2 targets end in "blue": give more of the id. \n  ${blue}\n  ${other}`,
    );
  });

  test('an account is meant where one of its limits has its name', () => {
    const account = targetId('/subscriptions/s/accounts/vision');
    const known = [targetId(`${account}/ratelimits/vision`), account];
    expect(findTarget('vision', known)).toEqual({ ok: true, value: account });
  });

  test('a scope is the beginning of ids, whole names only', () => {
    const near = targetId(`${workspace}/onlineEndpoints/chatty/deployments/blue`);
    const known = [blue, green, other, near];
    const below = (scope: string) => {
      const found = findTargetsBelow(scope, known);
      return found.ok ? found.value : found.error;
    };
    expect(below(`${workspace}/onlineEndpoints/CHAT/`)).toEqual([blue, green]);
    expect(below('/subscriptions/s')).toEqual(known);
    expect(below(blue)).toEqual([blue]);
    expect(below('mail/blue')).toEqual([other]);
    expect(below('/subscriptions/t')).toContain('no setting is in force for /subscriptions/t');
    expect(below('pink')).toContain('no target\'s id ends in "pink"');
  });

  test('one that has to be known: a whole id does not do without a setting', () => {
    const found = findKnownTarget(`${workspace}/onlineEndpoints/chat/deployments/bleu`, [blue]);
    expect(found.ok ? '' : found.error).toContain(`no setting is in force for ${workspace}`);
    expect(findKnownTarget('chat/blue', [blue])).toEqual({ ok: true, value: blue });
  });

  test('of many, the likeliest to be meant are named first', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      targetId(`${workspace}/onlineEndpoints/e${index}/deployments/d`),
    );
    const found = findTarget('chat/blu', [...many, other, blue]);
    const [head, ...lines] = (found.ok ? '' : found.error).split('\n');
    expect(head).toContain('Nearest:');
    expect(lines.slice(0, 2)).toEqual([`  ${blue}`, `  ${other}`]);
    expect(lines.at(-1)).toBe('  … and 22 more');
  });

  test.each(['lue', 'pink'])('%s is nobody', (text) => {
    const found = findTarget(text, [blue]);
    expect(found.ok ? '' : found.error).toContain(`no target's id ends in "${text}"`);
  });
});

describe('likeness of names', () => {
  test.each([
    ['caht', ['chat', 'mail', 'chart'], 'chat'],
    ['b', ['green', 'blue'], 'blue'],
    ['', ['a', 'b'], 'a'],
  ])('%j is likest to the third', (text, names, likest) => {
    expect(byLikeness(text, names, (name) => name)[0]).toBe(likest);
  });
});

describe('words of others', () => {
  test.each([
    ['plain, ünïcode 漢字 👩‍💻', 'plain, ünïcode 漢字 👩‍💻'],
    ['a\u001b[2Jb', 'a\\u001b[2Jb'],
    ['two\nlines\ttab', 'two\\u000alines\\u0009tab'],
    ['\u009b31m \u007f \u202egnp', '\\u009b31m \\u007f \\u202egnp'],
  ])('are shown, not obeyed: case %#', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test('in a value of any shape; JSON that was made printable reads the same', () => {
    const value = { a: ['\u0007', 1, null, { b: '\u0085' }], c: undefined, d: NaN };
    expect(printableIn(value)).toEqual({ ...value, a: ['\\u0007', 1, null, { b: '\\u0085' }] });
    const text = { reason: 'a\u009bb\u2028' };
    expect(JSON.parse(printable(JSON.stringify(text)))).toEqual(text);
  });
});

describe('options in force', () => {
  test('the default ones say nothing', () => {
    expect(policyLines(defaultPolicy)).toEqual([]);
  });

  test('what differs, and what was changed, in the words of the document', () => {
    const policy = {
      ...defaultPolicy,
      auditLevel: 'all',
      capacityLadder: [1, 2, 4],
      missingData: { ...defaultPolicy.missingData, out: { kind: 'failUp' } },
    } as const;
    expect(policyLines(policy, { ...policy, auditLevel: 'changes', flapBudget: 3 })).toEqual([
      'auditLevel: changes → all',
      'capacityLadder: [1,2,4] (default: none)',
      'missingData.out: failUp (default: default)',
      'flapBudget: 3 → none',
    ]);
  });
});
