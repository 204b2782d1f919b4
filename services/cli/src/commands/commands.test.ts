import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '@headroom/core';
import { demoSettingFile } from '@headroom/demo';
import { startLocalAzure, type LocalAzure } from '@headroom/local-azure';
import { openStores, silentLog } from '../connections.ts';
import { runCommandLine } from '../program.ts';
import { action, fixtureTarget, outcomeOf } from '../up/records.fixture.ts';

/** The commands against the embedded Azure, through the real SDKs, as somebody types them. */
const startLimitMs = 30_000;
const now = instant(Date.parse('2026-11-21T14:30:00Z'));
let folder = '';
let azure: LocalAzure;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headroom-cli-'));
  azure = await startLocalAzure({ dataDir: folder });
}, startLimitMs);
afterAll(async () => {
  await azure.close();
  await rm(folder, { recursive: true, force: true });
}, startLimitMs);

async function headroom(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, {
    env: {},
    now: () => now,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
  });
  return { code, out: out.join(''), err: err.join('') };
}

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const settingText = await readFile(demoSettingFile, 'utf8');

describe('headroom apply', () => {
  const apply = (file: string) => headroom('apply', file, '--data', folder);
  let serial = 0;
  let file = '';
  /** A setting for a target that no other test has. */
  beforeEach(async () => {
    file = await fileOf('setting.json', settingText.replaceAll('/chat', `/chat${++serial}`));
  });

  test('puts a setting to work, and another version of it', async () => {
    const name = `chat${serial}/blue`;
    expect(await apply(file)).toEqual({
      code: 0,
      out: `${name}: version 1 is in force\n`,
      err: '',
    });
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replaceAll('"threshold": 70', '"threshold": 75'),
    );
    expect((await apply(file)).out).toBe(`${name}: version 2 is in force\n`);
  });

  test('writes nothing when the version in force says the same', async () => {
    await apply(file);
    const document = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, `\uFEFF${JSON.stringify(document)}`);
    const again = await apply(file);
    expect(again.out).toContain('unchanged, version 1 says the same; nothing written');
    expect(again.code).toBe(0);
  });

  test('a maximum below the minimum is named with its place, and the version in force stays', async () => {
    await apply(file);
    const good = await readFile(file, 'utf8');
    await writeFile(file, good.replace('"maximum": "10"', '"maximum": "1"'));
    const refused = await apply(file);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${file}: properties.profiles[0].capacity.maximum: `);
    expect(refused.err).toContain('was not applied');
    await writeFile(file, good);
    expect((await apply(file)).out).toContain('version 1 says the same');
  });

  test('problems are said where no system runs, too', async () => {
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('"maximum": "10"', '"maximum": "1"'),
    );
    const refused = await headroom('apply', file, '--data', join(folder, 'nothing-here'));
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('properties.profiles[0].capacity.maximum: ');
    expect(refused.err).not.toContain('Nothing to talk to');
  });

  test('every problem is printed, not only the first', async () => {
    const bad = (await readFile(file, 'utf8'))
      .replace('"minimum": "2"', '"minimum": "two"')
      .replace('"PT1M"', '"1 minute"');
    await writeFile(file, bad);
    const { err } = await apply(file);
    expect(err).toContain('properties.profiles[0].capacity.minimum');
    expect(err).toContain('properties.profiles[0].rules[0].metricTrigger.timeGrain');
  });

  test.each([
    ['{"location": ', 'is no JSON'],
    ['[1,2]', 'was not applied'],
  ])('%j: %s', async (text, message) => {
    const refused = await apply(await fileOf('bad.json', text));
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(message);
    expect(refused.err).not.toContain('unexpected error');
  });

  test('a file that is not there', async () => {
    const refused = await apply(join(folder, 'none.json'));
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/none\.json cannot be read: ENOENT/);
  });

  test('two at once: both end well, and the versions follow each other', async () => {
    const other = join(folder, 'other.json');
    await copyFile(file, other);
    await writeFile(
      other,
      (await readFile(file, 'utf8')).replaceAll('"threshold": 70', '"threshold": 80'),
    );
    const both = await Promise.all([apply(file), apply(other)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const versions = both.map(({ out }) => /version (\d)/.exec(out)?.[1]);
    expect(versions.toSorted()).toEqual(['1', '2']);
  });

  test('warns of an enabled setting of Azure itself on the same target', async () => {
    const text = await readFile(file, 'utf8');
    await putAzureSetting(text);
    const { err, code } = await apply(file);
    expect(code).toBe(0);
    expect(err).toContain(
      `warning: Azure's own autoscale scales chat${serial}/blue as well (azures-own)`,
    );
  });

  test('says that it could not check when ARM does not answer, and applies all the same', async () => {
    const env = await readFile(join(folder, 'env.json'), 'utf8');
    const elsewhere = await mkdtemp(join(tmpdir(), 'headroom-cli-'));
    const closed = env.replace(/("ARM_ENDPOINT": ?"https:\/\/[^:"]+):\d+/, '$1:1');
    expect(closed).not.toBe(env);
    await writeFile(join(elsewhere, 'env.json'), closed, { mode: 0o600 });
    const applied = await headroom('apply', file, '--data', elsewhere);
    await rm(elsewhere, { recursive: true });
    expect(applied.code).toBe(0);
    expect(applied.out).toContain('version 1 is in force');
    expect(applied.err).toContain("warning: could not check whether Azure's own autoscale");
  });
});

/** Azure's own autoscale setting with this document, put as `az monitor autoscale` does. */
async function putAzureSetting(text: string): Promise<void> {
  const { MonitorClient } = await import('@azure/arm-monitor');
  const { ARM_ENDPOINT: endpoint, ARM_TOKEN: token, NODE_EXTRA_CA_CERTS: ca } = azure.env;
  const subscription = '00000000-0000-4000-8000-000000000001';
  const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 9e15 }) };
  const tlsOptions = { ca: await readFile(ca, 'utf8') };
  const client = new MonitorClient(credential, subscription, { endpoint, tlsOptions });
  const { properties } = JSON.parse(text) as { properties: { targetResourceUri: string } };
  await client.autoscaleSettings.createOrUpdate('headroom-demo', 'azures-own', {
    location: 'westeurope',
    enabled: true,
    targetResourceUri: properties.targetResourceUri,
    profiles: [
      { name: 'fixed', capacity: { minimum: '1', maximum: '2', default: '1' }, rules: [] },
    ],
  });
}

describe('headroom audit', () => {
  const audit = (...args: string[]) => headroom('audit', '--data', folder, ...args);
  const since = ['--since', '2026-11-21T14:00:00Z'];

  beforeAll(async () => {
    const stores = await openStores({ ...azure.env }, silentLog);
    for (const record of [action('a', 70, 2, 4), outcomeOf('a', 79, 4), action('b', 150, 4, 3)]) {
      await stores.audit.create(record);
    }
    stores.close();
  });

  test('prints decisions with reason, rules and outcome, oldest first', async () => {
    const { out, code } = await audit(...since, '--target', fixtureTarget);
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines[0]).toBe('2026-11-21 14:01:10Z  ScaleOut ScaleOutRule  chat/blue  2 → 4');
    expect(lines[1]).toContain('rule 1 (out): CpuUtilizationPercentage 80 > 70 over 1 min, fired');
    expect(out.indexOf('Applied')).toBeGreaterThan(out.indexOf('2 → 4'));
    expect(out.indexOf('ScaleIn ScaleInRule')).toBeGreaterThan(out.indexOf('Applied'));
  });

  test('--until and --since bound the span', async () => {
    const span = ['--since', '2026-11-21T14:01:15Z', '--until', '2026-11-21T14:02:00Z'];
    const { out } = await audit(...span, '--target', fixtureTarget, '--json');
    const records = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string });
    expect(records.map(({ kind }) => kind)).toEqual(['outcome']);
  });

  test('without a target: all of them', async () => {
    const { out } = await audit('--json', ...since);
    expect(out.trim().split('\n').length).toBeGreaterThanOrEqual(3);
  });

  test('nothing found: says what to do', async () => {
    const { out, err, code } = await audit('--target', '/subscriptions/none', '--since', '1h');
    expect({ out, code }).toEqual({ out: '', code: 0 });
    expect(err).toContain('No records of');
    expect(err).toContain('--since');
  });

  test('a target that nobody has, a span that is empty', async () => {
    expect((await audit('--target', 'pink')).err).toContain('no target\'s id ends in "pink"');
    const empty = await audit('--since', '1h', '--until', '2h');
    expect(empty.code).toBe(1);
    expect(empty.err).toContain('--since must lie before the end');
  });
});

describe('every command', () => {
  test.each([
    [['--help'], 0, 'Usage: headroom'],
    [['up', '--help'], 0, '--kills'],
    [['apply', '--help'], 0, 'ARM JSON'],
    [['send', '--help'], 0, '--keep-times'],
    [['audit', '--help'], 0, 'chat/blue'],
    [['fly'], 1, "unknown command 'fly'"],
    [['apply'], 1, "missing required argument 'file'"],
    [['audit', '--since', 'lunch'], 1, 'is no time'],
    [['up', '--for', '5'], 1, 'is no duration'],
    [['up', '--instances', '0'], 1, 'Expected a whole number from 1 to 8.'],
    [['up', '--plain', '--json'], 1, 'cannot be used with'],
  ])('%j: exit code %d, says %j', async (args, code, text) => {
    const { out, err, ...ran } = await headroom(...args);
    expect(ran.code).toBe(code);
    expect(out + err).toContain(text);
  });

  test.each([['apply', 'setting.json'], ['send', 'x.json'], ['audit']])(
    '%s says how to start when there is nothing',
    async (...args) => {
      const empty = await mkdtemp(join(tmpdir(), 'headroom-cli-'));
      const file = join(empty, 'setting.json');
      await writeFile(file, settingText);
      const given = args.map((arg) => (arg === 'setting.json' ? file : arg));
      const { code, err } = await headroom(...given, '--data', empty);
      await rm(empty, { recursive: true });
      expect(code).toBe(1);
      expect(err).toContain('npm start');
    },
  );
});
