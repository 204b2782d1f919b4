import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPolicy, targetId, type TargetId } from '@headroom/core';
import { openStores, silentLog } from '../connections.ts';
import { action, fixtureTarget, outcomeOf } from '../up/records.fixture.ts';
import { settingFor, useHeadroom } from './headroom.fixture.ts';

/** The commands against the embedded Azure, through the real SDKs, as somebody types them. */
const current = useHeadroom();
const headroom = (...args: string[]) => current().run(...args);
const fileOf = (name: string, text: string) => current().fileOf(name, text);

describe('headroom apply', () => {
  const apply = (file: string, ...args: string[]) =>
    headroom('apply', file, '--data', current().folder, ...args);
  let serial = 0;
  let file = '';
  /** A setting for a target that no other test has. */
  beforeEach(async () => {
    file = await fileOf('setting.json', await settingFor(`chat${++serial}`));
  });

  test('puts a setting to work, and another version of it', async () => {
    const name = `chat${serial}/blue`;
    expect(await apply(file)).toEqual({
      code: 0,
      out: `${name}: version 1 is in force, mode act\n`,
      err: '',
    });
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replaceAll('"threshold": 70', '"threshold": 75'),
    );
    expect((await apply(file)).out).toBe(`${name}: version 2 is in force, mode act\n`);
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

  test('a mode stays until another one is given', async () => {
    const observed = await apply(file, '--mode', 'observe');
    expect(observed.out).toContain('version 1 is in force, mode observe: decisions are recorded');
    expect(observed.out).toContain('    mode: observe (default: act)\n');
    expect((await apply(file)).out).toContain('unchanged, version 1');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('"threshold": 70', '"threshold": 75'));
    expect((await apply(file)).out).toContain('version 2 is in force, mode observe');
    const acting = await apply(file, '--mode', 'act');
    expect(acting.out).toContain('version 3 is in force, mode act\n    mode: observe → act\n');
  });

  test('a policy in YAML: its options are in force, and the mode of the command line wins', async () => {
    const yaml =
      'mode: act\ncooldownFrom: lastFiredRule\nflapBudget: 6\nmissingData: lastGood(10m)\n';
    const policy = await fileOf('policy.yaml', yaml);
    expect((await apply(file, '--policy', policy, '--mode', 'observe')).out.split('\n')).toEqual([
      expect.stringContaining('version 1 is in force, mode observe'),
      '    mode: observe (default: act)',
      '    cooldownFrom: lastFiredRule (default: candidateRule)',
      '    flapBudget: 6 (default: none)',
      '    missingData.out: lastGood(PT10M) (default: default)',
      '    missingData.in: lastGood(PT10M) (default: default)',
      '',
    ]);
    const json = await fileOf(
      'policy.json',
      '{ "mode": "observe", "cooldownFrom": "lastFiredRule" }',
    );
    const { out } = await apply(file, '--policy', json);
    expect(out).toContain('version 2 is in force');
    expect(out).toContain('    flapBudget: 6 → none\n');
    expect(out).toContain('    missingData.out: lastGood(PT10M) → default\n');
    expect((await apply(file, '--policy', json)).out).toContain('unchanged, version 2');
  });

  test.each([
    ['cooldownfrom: lastFiredRule', 'cooldownfrom'],
    ['mode: floor', 'mode: floor comes with a later version'],
    ['flapBudget: 0', 'flapBudget: '],
    ['{ mode: [', 'is neither YAML nor JSON'],
    ['- act', 'expected a JSON object'],
  ])('a policy that says %j is refused: %s', async (text, message) => {
    const refused = await apply(file, '--policy', await fileOf('policy.yaml', text));
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(message);
    expect(refused.err).not.toContain('unexpected error');
    expect((await apply(file)).out).toContain('version 1 is in force');
  });

  test.each(['recommend', 'floor'])('--mode %s comes later', async (mode) => {
    const refused = await apply(file, '--mode', mode);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${mode} comes with a later version: use act or observe`);
  });

  test('warns of a policy that means rules which are not there', async () => {
    const yaml = [
      'missingData:',
      '  rules:',
      '    - { profile: Nights, rule: 0, use: hold }',
      '    - { rule: 9, use: hold }',
    ];
    const { code, err } = await apply(file, '--policy', await fileOf('p.yaml', yaml.join('\n')));
    expect(code).toBe(0);
    expect(err).toContain(
      'warning: policy: missingData.rules[0].profile: no profile is named "Nights"',
    );
    expect(err).toContain('warning: policy: missingData.rules[1].rule: there is no rule 9');
  });

  test('prints what the author should know, and applies', async () => {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"enabled": true,', ''));
    const { code, out, err } = await apply(file);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('version 1 is') });
    expect(err).toContain(`warning: ${file}: properties.enabled: left out: taken as true`);
  });

  test('counts what lint finds, and applies', async () => {
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('"Decrease"', '"Increase"'));
    const { code, err } = await apply(file);
    expect(code).toBe(0);
    expect(err).toMatch(
      /^lint: \d+ errors?\b.*; "headroom lint .*setting\.json" says what and why$/m,
    );
  });

  test('over a version that cannot be read the mode has to be said', async () => {
    await apply(file, '--mode', 'observe');
    const text = await readFile(file, 'utf8');
    const { properties } = JSON.parse(text) as { properties: { targetResourceUri: string } };
    await writeUnreadable(targetId(properties.targetResourceUri), 1);
    const refused = await apply(file);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('so its mode is not known. Say it: --mode act or --mode observe');
    expect((await apply(file, '--mode', 'observe')).out).toContain('version 3 is in force');
  });

  test('problems are said where no system runs, too', async () => {
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace('"maximum": "10"', '"maximum": "1"'),
    );
    const refused = await headroom('apply', file, '--data', join(current().folder, 'nothing-here'));
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
    const refused = await apply(join(current().folder, 'none.json'));
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/none\.json cannot be read: ENOENT/);
  });

  test('two at once: both end well, and the versions follow each other', async () => {
    const other = join(current().folder, 'other.json');
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
    const env = await readFile(join(current().folder, 'env.json'), 'utf8');
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

async function writeUnreadable(target: TargetId, expected: number): Promise<void> {
  const stores = await openStores({ ...current().azure.env }, silentLog);
  const beside = { policy: defaultPolicy, overrides: [] };
  await stores.settings.write({
    target,
    id: 'x',
    expected,
    document: { properties: 7 },
    ...beside,
  });
  stores.close();
}

/** Azure's own autoscale setting with this document, put as `az monitor autoscale` does. */
async function putAzureSetting(text: string): Promise<void> {
  const { MonitorClient } = await import('@azure/arm-monitor');
  const { ARM_ENDPOINT: endpoint, ARM_TOKEN: token, NODE_EXTRA_CA_CERTS: ca } = current().azure.env;
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
  const audit = (...args: string[]) => headroom('audit', '--data', current().folder, ...args);
  const since = ['--since', '2026-11-21T14:00:00Z'];

  beforeAll(async () => {
    const stores = await openStores({ ...current().azure.env }, silentLog);
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
    expect(lines[1]).toContain('rule 0 (out): CpuUtilizationPercentage 80 > 70 over 1 min, fired');
    expect(out.indexOf('Applied')).toBeGreaterThan(out.indexOf('2 → 4'));
    expect(out.indexOf('ScaleIn ScaleInRule')).toBeGreaterThan(out.indexOf('Applied'));
  });

  test('shows what others wrote without obeying it', async () => {
    const stores = await openStores({ ...current().azure.env }, silentLog);
    const outcome = outcomeOf('c', 160, 3);
    if (outcome.kind !== 'outcome') throw new Error('not an outcome');
    const detail = 'gone\u001b[2J\nall is\u009b1m well';
    await stores.audit.create({ ...outcome, outcome: { ...outcome.outcome, detail } });
    stores.close();
    const { out } = await audit(...since, '--target', fixtureTarget);
    expect(out).toContain('    gone\\u001b[2J\\u000aall is\\u009b1m well\n');
    const json = (await audit(...since, '--target', fixtureTarget, '--json')).out;
    expect(json).toContain('gone\\u001b[2J\\nall is\\u009b1m well');
    expect(out + json).not.toMatch(/[\u001b\u009b]/);
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
    [['apply', '--help'], 0, '--policy <file>'],
    [['override', '--help'], 0, 'pause'],
    [['override', 'pin', '--help'], 0, '--reason'],
    [['send', '--help'], 0, '--keep-times'],
    [['audit', '--help'], 0, 'chat/blue'],
    [['fly'], 1, "unknown command 'fly'"],
    [['apply'], 1, "missing required argument 'file'"],
    [['audit', '--since', 'lunch'], 1, 'is no time'],
    [['up', '--for', '5'], 1, 'is no duration'],
    [['up', '--instances', '0'], 1, 'Expected a whole number, from 1 to 8.'],
    [['up', '--plain', '--json'], 1, 'cannot be used with'],
  ])('%j: exit code %d, says %j', async (args, code, text) => {
    const { out, err, ...ran } = await headroom(...args);
    expect(ran.code).toBe(code);
    expect(out + err).toContain(text);
  });

  const list = ['override', 'list'];
  test.each([['apply', 'setting.json'], list, ['send', 'x.json'], ['audit']])(
    '%s says how to start when there is nothing',
    async (...args) => {
      const empty = await mkdtemp(join(tmpdir(), 'headroom-cli-'));
      const file = join(empty, 'setting.json');
      await writeFile(file, await settingFor('chat'));
      const given = args.map((arg) => (arg === 'setting.json' ? file : arg));
      const { code, err } = await headroom(...given, '--data', empty);
      await rm(empty, { recursive: true });
      expect(code).toBe(1);
      expect(err).toContain('npm start');
    },
  );
});
