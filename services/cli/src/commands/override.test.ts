import { beforeAll, describe, expect, test } from '@jest/globals';
import { userInfo } from 'node:os';
import { after, defaultPolicy, hourMs, instant, targetId } from '@headroom/core';
import { openStores, silentLog } from '../connections.ts';
import { settingFor, useHeadroom } from './headroom.fixture.ts';

/** Against the embedded Azure, through the real SDK. Each test has an endpoint of its own. */
const current = useHeadroom();
const began = instant(Date.parse('2026-11-21T14:30:00Z'));
const workspace =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/headroom-demo/providers/microsoft.machinelearningservices/workspaces/demo';
let serial = 0;

const override = (...args: string[]) =>
  current().run('override', ...args, '--data', current().folder);
const because = ['--reason', 'load test', '--owner', 'ann'];

async function apply(endpoint: string, edit = (text: string) => text, ...args: string[]) {
  const file = await current().fileOf(`${endpoint}.json`, edit(await settingFor(endpoint)));
  const applied = await current().run('apply', file, '--data', current().folder, ...args);
  expect(applied.code).toBe(0);
  return applied;
}

/** A target with a setting, by its short name. */
async function newName(...args: string[]): Promise<string> {
  const endpoint = `pool${++serial}`;
  await apply(endpoint, undefined, ...args);
  return `${endpoint}/blue`;
}

async function versionOf(name: string) {
  const stores = await openStores({ ...current().azure.env }, silentLog);
  const [endpoint = '', deployment = ''] = name.split('/');
  const id = `${workspace}/onlineendpoints/${endpoint}/deployments/${deployment}`;
  const version = await stores.settings.read(targetId(id));
  stores.close();
  return version;
}

async function overridesOf(name: string) {
  const content = (await versionOf(name))?.content;
  return content?.kind === 'setting' ? content.overrides : content?.kind;
}

const term = { at: began, until: after(began, 2 * hourMs), owner: 'ann', reason: 'load test' };

describe('headroom override pause and pin', () => {
  test('a pause is the next version of the setting, and says until when', async () => {
    const name = await newName('--mode', 'observe');
    const { code, out } = await override('pause', name, '--for', '2h', ...because);
    expect(code).toBe(0);
    expect(out).toBe(
      `${name}: paused by ann until 2026-11-21 16:30:00Z: load test\n    for 2 h, in version 2 of the setting\n`,
    );
    expect(await overridesOf(name)).toEqual([{ kind: 'pause', ...term }]);
    expect(await versionOf(name)).toMatchObject({ content: { policy: { mode: 'observe' } } });
  });

  test('a pin beside it keeps both; a newer pin takes the place of the older', async () => {
    const name = await newName();
    await override('pause', name, '--for', '2h', ...because);
    const pinned = await override('pin', name, '6', '--for', '2h', ...because);
    expect(pinned.out).toContain(`${name}: pinned to 6 by ann until 2026-11-21 16:30:00Z`);
    expect(pinned.err).toContain('note: first it is paused by ann');
    const again = await override('pin', name, '5', '--for', '2h', ...because);
    expect(again.err).toContain('note: it takes the place of: pinned to 6 by ann');
    expect(await overridesOf(name)).toEqual([
      { kind: 'pause', ...term },
      { kind: 'pin', to: 5, ...term },
    ]);
  });

  test.each([
    ['11', true],
    ['1', true],
    ['10', false],
    ['2', false],
  ])('a pin to %s where 2 to 10 are allowed: warned %p', async (to, warned) => {
    const { code, err } = await override('pin', await newName(), to, '--for', '1h', ...because);
    expect(code).toBe(0);
    expect(err.includes('outside the bounds of every profile (2 to 10)')).toBe(warned);
  });

  test('the owner is the user when not given', async () => {
    const name = await newName();
    await override('pause', name, '--for', '1h', '--reason', 'drill');
    expect(await overridesOf(name)).toMatchObject([{ owner: userInfo().username }]);
  });

  test('says what makes it needless', async () => {
    const name = await newName('--mode', 'observe');
    const { err } = await override('pin', name, '4', '--for', '1h', ...because);
    expect(err).toContain('note: mode observe: nothing is scaled anyway');
  });

  test.each([
    [
      ['pause', 'nobody/blue', '--for', '1h', '--reason', 'x'],
      'no target\'s id ends in "nobody/blue"',
    ],
    [['pause', '/subscriptions/s/x', '--for', '1h', '--reason', 'x'], 'no setting is in force for'],
    [['pause', 'x', '--reason', 'x'], "required option '--for <duration>' not specified"],
    [['pause', 'x', '--for', '1h'], "required option '--reason <text>' not specified"],
    [['pause', 'x', '--for', 'long', '--reason', 'x'], 'is no duration'],
    [['pin', 'x', 'two', '--for', '1h', '--reason', 'x'], 'Expected a whole number'],
    [['pin', 'x', '-1', '--for', '1h', '--reason', 'x'], 'Expected a whole number, 0 or more.'],
    [['pin', 'x', '--for', '1h', '--reason', 'x'], "missing required argument 'count'"],
    [['bend', 'x'], "unknown command 'bend'"],
  ])('%j: %s', async (args, message) => {
    await newName();
    const { code, out, err } = await override(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('unexpected error');
  });

  test.each([
    [['--for', '31d', '--reason', 'x'], '--for: ends more than 30 days after it begins'],
    [['--for', '1h', '--reason', ' '], '--reason: empty'],
    [['--for', '1h', '--reason', 'a\u001b[2Jb'], '--reason: line breaks and other control'],
    [['--for', '1h', '--reason', 'x'.repeat(501)], '--reason: longer than 500 characters'],
    [['--for', '1h', '--reason', 'x', '--owner', 'x'.repeat(101)], '--owner: longer than 100'],
  ])('terms have limits: case %#', async (args, message) => {
    const name = await newName();
    const refused = await override('pause', name, ...args);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(message);
    expect(await versionOf(name)).toMatchObject({ version: 1, content: { overrides: [] } });
  });

  test('thirty days are not too long', async () => {
    const name = await newName();
    expect((await override('pause', name, '--for', '30d', ...because)).code).toBe(0);
    expect(await overridesOf(name)).toMatchObject([{ until: began + 30 * 24 * hourMs }]);
  });

  test('an unknown name lists the likeliest ones first', async () => {
    const name = await newName();
    const mistyped = name.replace('pool', 'pol');
    const { err } = await override('pause', mistyped, '--for', '1h', ...because);
    expect(err).toContain(`no target's id ends in "${mistyped}"`);
    expect(err).toContain(`/${name.replace('/', '/deployments/')}\n`);
  });
});

describe('headroom override freeze', () => {
  test('reaches every setting of a scope and no neighbour', async () => {
    const green = (text: string) => text.replaceAll('deployments/blue', 'deployments/green');
    await apply('frozen', undefined);
    await apply('frozen', green);
    await apply('frozen-not', undefined);
    const scope = `${workspace}/onlineEndpoints/FROZEN/`;
    const { code, out } = await override('freeze', scope, '--for', '2h', ...because);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^2 settings are frozen until 2026-11-21 16:30:00Z: frozen\/(blue|green), /,
    );
    for (const name of ['frozen/blue', 'frozen/green']) {
      expect(await overridesOf(name)).toEqual([{ kind: 'freeze', ...term }]);
    }
    expect(await overridesOf('frozen-not/blue')).toEqual([]);
  });

  test('one target by its ending', async () => {
    const name = await newName();
    const { out } = await override('freeze', name, '--for', '2h', ...because);
    expect(out).toBe(`1 setting is frozen until 2026-11-21 16:30:00Z: ${name}\n`);
  });

  test('leaves out what cannot be read, and names it', async () => {
    const stores = await openStores({ ...current().azure.env }, silentLog);
    const target = targetId(`${workspace}/onlineendpoints/broken/deployments/green`);
    const beside = { policy: defaultPolicy, overrides: [] };
    await stores.settings.write({ target, id: 'x', expected: 0, document: {}, ...beside });
    stores.close();
    await apply('broken');
    const scope = `${workspace}/onlineEndpoints/broken`;
    const { code, out, err } = await override('freeze', scope, '--for', '2h', ...because);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('1 setting is frozen') });
    expect(err).toContain('held already, as their settings cannot be read: broken/green');
    const pause = await override('pause', 'broken/green', '--for', '2h', ...because);
    expect(pause).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') });
  });

  test('a scope that holds nothing', async () => {
    const { code, err } = await override(
      'freeze',
      '/subscriptions/none',
      '--for',
      '1h',
      ...because,
    );
    expect(code).toBe(1);
    expect(err).toContain('no setting is in force for /subscriptions/none or below it');
  });
});

describe('headroom override clear and list', () => {
  beforeAll(async () => {
    await apply('listed');
    await override('pin', 'listed/blue', '4', '--for', '2h', ...because);
    await override(
      'pause',
      'listed/blue',
      '--for',
      '90m',
      '--reason',
      'a <drill>',
      '--owner',
      'bob',
    );
  });

  test('lists who, why, until when and what is left, what ends first first', async () => {
    const { code, out } = await override('list', '--target', 'listed/blue');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'listed/blue  paused by bob until 2026-11-21 16:00:00Z: a <drill> (1 h 30 min left)',
      'listed/blue  pinned to 4 by ann until 2026-11-21 16:30:00Z: load test (2 h left)',
      '',
    ]);
  });

  test('as NDJSON, of a scope', async () => {
    const { out } = await override(
      'list',
      '--json',
      '--target',
      `${workspace}/onlineEndpoints/listed`,
    );
    const [paused, pinned] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(paused).toMatchObject({
      kind: 'pause',
      owner: 'bob',
      reason: 'a <drill>',
      version: 3,
    });
    expect(pinned).toEqual({
      target: `${workspace}/onlineendpoints/listed/deployments/blue`,
      version: 3,
      kind: 'pin',
      to: 4,
      at: '2026-11-21T14:30:00.000Z',
      until: '2026-11-21T16:30:00.000Z',
      owner: 'ann',
      reason: 'load test',
    });
  });

  test('without a target: all of them', async () => {
    const { out } = await override('list');
    expect(out).toContain('listed/blue  pinned to 4');
  });

  test('clears one kind, then the rest, and says when there is nothing', async () => {
    const name = await newName();
    await override('pin', name, '4', '--for', '2h', ...because);
    await override('pause', name, '--for', '1h', ...because);
    const pin = await override('clear', name, '--kind', 'pin');
    expect(pin.out).toBe(
      `${name}: no longer pinned to 4 by ann until 2026-11-21 16:30:00Z: load test\n`,
    );
    expect(await overridesOf(name)).toMatchObject([{ kind: 'pause' }]);
    expect((await override('clear', name)).out).toContain(`${name}: no longer paused`);
    const { version } = (await versionOf(name)) ?? {};
    expect(await override('clear', name)).toEqual({
      code: 0,
      out: '',
      err: `Nothing to clear: ${name} had no override in force.\n`,
    });
    expect(await versionOf(name)).toMatchObject({ version });
  });

  test('what has ended is not listed, and goes with the next write', async () => {
    const name = await newName();
    await override('pause', name, '--for', '1h', ...because);
    await override('freeze', name, '--for', '3h', ...because);
    current().now = after(began, hourMs);
    try {
      const { out } = await override('list', '--target', name);
      expect(out).toBe(`${name}  frozen by ann until 2026-11-21 17:30:00Z: load test (2 h left)\n`);
      expect(await overridesOf(name)).toMatchObject([{ kind: 'pause' }, { kind: 'freeze' }]);
      await override('pin', name, '3', '--for', '1h', ...because);
      expect(await overridesOf(name)).toMatchObject([{ kind: 'freeze' }, { kind: 'pin' }]);
    } finally {
      current().now = began;
    }
  });

  test('headroom apply keeps overrides, and says so', async () => {
    await apply('kept');
    await override('pin', 'kept/blue', '4', '--for', '2h', ...because);
    const lower = (text: string) => text.replaceAll('"threshold": 70', '"threshold": 75');
    expect((await apply('kept', lower)).out).toContain(
      'version 3 is in force, mode act\n    stays pinned to 4 by ann until 2026-11-21 16:30:00Z: load test\n',
    );
    expect(await overridesOf('kept/blue')).toMatchObject([{ kind: 'pin', to: 4 }]);
  });

  test('two at once: both are kept', async () => {
    const name = await newName();
    const both = await Promise.all([
      override('pause', name, '--for', '1h', ...because),
      override('pin', name, '4', '--for', '1h', ...because),
      override('freeze', name, '--for', '1h', ...because),
    ]);
    expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await versionOf(name)).toMatchObject({ version: 4 });
    expect(await overridesOf(name)).toHaveLength(3);
  });
});
