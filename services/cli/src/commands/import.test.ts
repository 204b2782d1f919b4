import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MonitorClient } from '@azure/arm-monitor';
import { defaultPolicy, targetId } from '@headroom/core';
import type { SettingVersion } from '@headroom/core';
import { openStores, silentLog } from '../connections.ts';
import { useHeadroom } from './headroom.fixture.ts';

/** Against the embedded Azure, through the real SDKs. Each test has targets of its own. */
const current = useHeadroom();
const subscription = '11111111-2222-3333-4444-555555555555';
const ml = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints`;
const idOf = (name: string) => `${ml}/${name}/deployments/blue`;
const scaleSet = (name: string) =>
  `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
const headroom = (...args: string[]) => current().run(...args, '--data', current().folder);

const profile = {
  name: 'fixed',
  capacity: { minimum: '1', maximum: '5', default: '2' },
  rules: [],
};

interface Given {
  readonly target?: string;
  readonly enabled?: boolean;
  readonly profiles?: readonly object[];
}

/** A setting for the endpoint of that name, in a form that ARM shows. */
function armOf(name: string, given: Given = {}) {
  const { target = idOf(name), enabled = true, profiles = [profile] } = given;
  return {
    tags: { team: 'x' },
    properties: { profiles, enabled, targetResourceUri: target, newerThanWeKnow: { a: 1 } },
    name,
    location: 'westeurope',
  };
}

const listFile = (name: string, content: unknown) =>
  current().fileOf(`${name}.json`, JSON.stringify(content));

async function stored(name: string, target = idOf(name)): Promise<SettingVersion | undefined> {
  const stores = await openStores({ ...current().azure.env }, silentLog);
  try {
    return await stores.settings.read(targetId(target));
  } finally {
    stores.close();
  }
}

describe('headroom import of files', () => {
  test('takes an object, an array and a page; new settings observe', async () => {
    const files = await Promise.all([
      listFile('object', armOf('object')),
      listFile('array', [armOf('array', { enabled: false })]),
      listFile('page', { value: [armOf('page')] }),
    ]);
    expect(await headroom('import', ...files)).toEqual({
      code: 0,
      out: 'object/blue: imported, version 1, mode observe\narray/blue: imported, version 1, mode observe, disabled\npage/blue: imported, version 1, mode observe\n3 imported, 0 unchanged, 0 refused\n',
      err: '',
    });
    expect(await stored('array')).toMatchObject({
      content: { setting: { enabled: false }, policy: { mode: 'observe' } },
    });
  });

  test('takes what az prints: the properties flat, absent members as null', async () => {
    const { properties, ...beside } = armOf('flat');
    const absent = { notifications: null, predictiveAutoscalePolicy: null };
    const profiles = [{ ...profile, fixedDate: null, recurrence: null }];
    const flat = { ...beside, ...properties, ...absent, profiles, resourceGroup: 'rg' };
    const { code, err } = await headroom('import', await listFile('flat', [flat]));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(await stored('flat')).toMatchObject({
      document: { ...beside, properties: { ...properties, ...absent, profiles } },
    });
  });

  test('what is in force keeps its policy and mode, unless --mode is given', async () => {
    const file = await listFile('held', armOf('held'));
    await headroom('apply', await listFile('held-strict', armOfStrict('held')));
    const same = await headroom('import', file);
    expect(same.out).toContain('held/blue: unchanged, version 1, mode act\n');
    const wider = { ...profile, capacity: { ...profile.capacity, maximum: '9' } };
    const changed = await listFile('held-2', armOf('held', { profiles: [wider] }));
    const imported = await headroom('import', changed);
    expect(imported.out).toContain('held/blue: imported, version 2, mode act\n');
    expect(imported.err).toContain('both will pull on the target');
    const observing = await headroom('import', changed, '--mode', 'observe');
    expect(observing.out).toContain('held/blue: imported, version 3, mode observe\n');
  });

  test('a target that Headroom cannot scale observes, whatever the mode', async () => {
    const file = await listFile('vmss', armOf('vmss', { target: scaleSet('vmss') }));
    const { code, out, err } = await headroom('import', file, '--mode', 'act');
    expect(code).toBe(0);
    expect(out).toContain('imported, version 1, mode observe');
    expect(err).toContain('note: vmss: Headroom cannot scale');
    expect(await stored('vmss', scaleSet('vmss'))).toMatchObject({
      content: { policy: { mode: 'observe' } },
    });
  });

  test('refuses with the field what is wrong, and imports the others', async () => {
    const wrong = armOf('wrong', { profiles: [{ ...profile, capacity: { minimum: 'x' } }] });
    const twice = [armOf('twice'), armOf('twice', { enabled: false })];
    const file = await listFile('mixed', [wrong, 7, ...twice, armOf('right')]);
    const { code, out, err } = await headroom('import', file);
    expect(code).toBe(1);
    expect(out).toBe(
      'right/blue: imported, version 1, mode observe\n1 imported, 0 unchanged, 4 refused\n',
    );
    expect(err).toContain('mixed.json[0]: refused: properties.profiles[0].capacity.');
    expect(err).toContain('mixed.json[1]: refused: the document: ');
    expect(err).toContain('mixed.json[2]: refused: properties.targetResourceUri: another document');
    expect(await stored('twice')).toBeUndefined();
  });

  test('refuses to guess the mode of one whose version in force cannot be read', async () => {
    const stores = await openStores({ ...current().azure.env }, silentLog);
    const target = targetId(idOf('broken'));
    await stores.settings.write({
      ...{ target, id: 'broken', expected: 0, document: { properties: 7 } },
      ...{ policy: defaultPolicy, overrides: [] },
    });
    stores.close();
    const file = await listFile('broken', armOf('broken'));
    const refused = await headroom('import', file);
    expect(refused).toMatchObject({ code: 1, out: '0 imported, 0 unchanged, 1 refused\n' });
    expect(refused.err).toContain('Say it: --mode act or --mode observe');
    const { out } = await headroom('import', file, '--mode', 'observe');
    expect(out).toContain('broken/blue: imported, version 2, mode observe\n');
  });

  test('a subscription that has none is told, with the Azure that was asked', async () => {
    const { code, out, err } = await current().run(
      ...['import', '--subscription', '99999999-0000-4000-8000-000000000001'],
      ...['--data', current().folder],
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/has no autoscale settings that you may see in the Azure at https:\/\/127/);
  });

  test('--dry-run says the same and writes nothing', async () => {
    const file = await listFile('dry', armOf('dry'));
    const { code, out } = await headroom('import', file, '--dry-run');
    expect({ code, out }).toEqual({
      code: 0,
      out: 'dry/blue: would be imported, version 1, mode observe\n1 would be imported, 0 unchanged, 0 refused\n',
    });
    expect(await stored('dry')).toBeUndefined();
  });

  test.each([
    [[], 'give files or --subscription'],
    [['x.json', '--subscription', 's'], 'give files or --subscription'],
    [['--resource-group', 'rg'], 'give --subscription too'],
    [['no-such-file.json'], 'no-such-file.json cannot be read'],
    [['x.json', '--mode', 'perhaps'], 'perhaps'],
  ])('%j: %s', async (args, message) => {
    const { code, out, err } = await headroom('import', ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('unexpected error');
  });
});

/** Without what the strict reading of `headroom apply` may not know. */
function armOfStrict(name: string) {
  const { newerThanWeKnow, ...properties } = armOf(name).properties;
  expect(newerThanWeKnow).toBeDefined();
  return { ...armOf(name), properties };
}

describe('headroom import of a subscription', () => {
  const group = 'Fleet';
  const path = '/subscriptions/*/autoscalesettings';

  beforeAll(async () => {
    const { ARM_ENDPOINT: endpoint, ARM_TOKEN: token, ...env } = current().azure.env;
    const ca = await readFile(env.NODE_EXTRA_CA_CERTS, 'utf8');
    const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 9e15 }) };
    const client = new MonitorClient(credential, subscription, { endpoint, tlsOptions: { ca } });
    for (const [where, name] of [
      [group, 'fleet1'],
      [group, 'fleet2'],
      ['Other', 'other1'],
    ] as const) {
      await client.autoscaleSettings.createOrUpdate(where, name, {
        location: 'westeurope',
        enabled: true,
        targetResourceUri: idOf(name),
        profiles: [profile],
      });
    }
  });
  afterEach(() => current().azure.control.clearFaults());

  const fleet = (...args: string[]) => headroom('import', '--subscription', subscription, ...args);

  test('takes those of a resource group, then the rest of the subscription', async () => {
    const some = await fleet('--resource-group', group);
    expect(some).toMatchObject({ code: 0, err: '' });
    expect(some.out).toContain('fleet2/blue: imported, version 1, mode observe\n2 imported');
    const all = await fleet();
    expect(all).toMatchObject({ code: 0, err: '' });
    expect(all.out).toContain('fleet1/blue: unchanged, version 1, mode observe\n');
    expect(all.out).toContain('1 imported, 2 unchanged, 0 refused\n');
    expect(await stored('fleet1')).toMatchObject({
      document: {
        id: expect.stringMatching(/\/Microsoft\.Insights\/autoscaleSettings\/fleet1$/i),
        properties: { name: 'fleet1', targetResourceUri: idOf('fleet1') },
      },
    });
  });

  test.each([
    [403, 'AuthorizationFailed', 'the role Monitoring Reader is missing'],
    [403, 'AuthorizationFailed', `--scope /subscriptions/${subscription}\u0020`],
    [404, 'SubscriptionNotFound', 'az account list'],
    [401, 'ExpiredAuthenticationToken', 'az login'],
  ])('HTTP %d %s says what to do: %s', async (status, code, message) => {
    current().azure.control.injectFault({ path, status, code, message: 'no', times: 3 });
    const refused = await fleet();
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain(message);
    expect(refused.err).toContain(`Azure Resource Manager says: ${code}: no`);
  });
});

describe('headroom export', () => {
  test('gives back one as an object, several as an array, deleted ones not', async () => {
    await headroom('import', await listFile('exports', [armOf('ex1'), armOf('ex2')]));
    const one = await headroom('export', 'ex1/blue');
    expect(one).toEqual({
      code: 0,
      out: `${JSON.stringify(armOf('ex1'), undefined, 2)}\n`,
      err: '',
    });
    const two = await headroom('export', 'ex2/blue', idOf('EX1'));
    expect(two.out).toBe(`${JSON.stringify([armOf('ex2'), armOf('ex1')], undefined, 2)}\n`);
  });

  test('accounts too', async () => {
    const id = `/subscriptions/${subscription}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/eyes`;
    const rules = [{ key: 'vision', count: 15, renewalPeriod: 1, matchPatterns: [] }];
    const properties = { callRateLimit: { rules }, newer: true };
    const account = { properties, id, name: 'eyes', kind: 'ComputerVision', sku: { name: 'S1' } };
    expect((await headroom('import', await listFile('eyes', account))).code).toBe(0);
    const { out } = await headroom('export', 'eyes');
    expect(out).toBe(`${JSON.stringify(account, undefined, 2)}\n`);
  });

  test('targets of one short name have files of their own', async () => {
    const other = idOf('alike').replace('/workspaces/w/', '/workspaces/other/');
    const both = [armOf('alike'), armOf('alike', { target: other })];
    await headroom('import', await listFile('alike', both));
    const out = join(current().folder, 'alike');
    expect((await headroom('export', idOf('alike'), other, '--out', out)).code).toBe(0);
    const names = await readdir(out);
    expect(names).toEqual([1, 2].map(() => expect.stringMatching(/^alike-blue-\w{12}\.json$/)));
    const written = await Promise.all(names.map((name) => readFile(join(out, name), 'utf8')));
    const texts = both.map((document) => `${JSON.stringify(document, undefined, 2)}\n`);
    expect(written.sort()).toEqual(texts.sort());
  });

  test('what a terminal would obey is written as JSON escapes', async () => {
    const loud = { ...armOf('loud'), tags: { team: 'x\u202ey\u0085' } };
    await headroom('import', await listFile('loud', loud));
    const { out } = await headroom('export', 'loud/blue');
    expect(out).toContain('x\\u202ey\\u0085');
    expect(JSON.parse(out)).toEqual(loud);
  });

  test.each([
    [[], 'give one or more targets, or --all'],
    [['x', '--all'], 'give one or more targets, or --all'],
    [['nobody'], 'no target\'s id ends in "nobody"'],
  ])('%j: %s', async (args, message) => {
    const { code, out, err } = await headroom('export', ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
  });

  test('is what was imported, member order too: every golden setting', async () => {
    const folder = new URL('../../../../test/golden/settings/', import.meta.url);
    const golden = await Promise.all(
      (await readdir(folder)).sort().map(async (file) => {
        const text = await readFile(new URL(file, folder), 'utf8');
        const document = JSON.parse(text) as { properties: object };
        const targetResourceUri = idOf(`golden-${file.replace('.json', '')}`);
        // Members in another order than anybody of ours writes them.
        const properties = Object.entries({ ...document.properties, targetResourceUri }).reverse();
        return { ...document, properties: Object.fromEntries(properties) };
      }),
    );
    const imported = await headroom('import', await listFile('golden', golden));
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.out).toContain(`${golden.length} imported, 0 unchanged, 0 refused\n`);
    const out = join(current().folder, 'exported');
    expect(await headroom('export', '--all', '--out', out)).toMatchObject({ code: 0, err: '' });
    for (const document of golden) {
      const [, name = ''] = /onlineEndpoints\/([^/]+)/.exec(JSON.stringify(document)) ?? [];
      const text = await readFile(join(out, `${name}-blue.json`), 'utf8');
      expect(text).toBe(`${JSON.stringify(document, undefined, 2)}\n`);
    }
  });
});
