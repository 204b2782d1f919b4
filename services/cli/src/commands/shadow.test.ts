import { describe, expect, test } from '@jest/globals';
import { targetId } from '@headroom/core';
import { openStores, silentLog } from '../connections.ts';
import { settingFor, useHeadroom } from './headroom.fixture.ts';

/** Against the embedded Azure, through the real SDK. Each test has an endpoint of its own. */
const current = useHeadroom();
let serial = 0;

const shadow = (...args: string[]) => current().run('shadow', ...args, '--data', current().folder);

/** An endpoint whose setting was applied, and a candidate for it. */
async function applied(...args: string[]) {
  const endpoint = `shaded${++serial}`;
  const text = await settingFor(endpoint);
  const file = await current().fileOf(`${endpoint}.json`, text);
  await current().run('apply', file, '--data', current().folder, ...args);
  const edited = text.replace('"threshold": 70', '"threshold": 55');
  expect(edited).not.toBe(text);
  const candidate = await current().fileOf(`${endpoint}-candidate.json`, edited);
  const target = targetId(
    (JSON.parse(text) as { properties: { targetResourceUri: string } }).properties
      .targetResourceUri,
  );
  return { name: `${endpoint}/blue`, file, text, candidate, target };
}

async function stored(target: ReturnType<typeof targetId>) {
  const stores = await openStores({ ...current().azure.env }, silentLog);
  const version = await stores.settings.read(target);
  stores.close();
  return version;
}

describe('headroom shadow add', () => {
  test('puts a candidate beside the setting, with the options in force', async () => {
    const options = await current().fileOf('options.yaml', 'flapBudget: 4\nmode: act\n');
    const { name, candidate, target, text } = await applied('--policy', options);
    const { code, out, err } = await shadow('add', name, 'lower', candidate);
    expect(code).toBe(0);
    expect(err).toContain('lint: 1 warning');
    expect(out).toBe(
      `${name}: shadow lower runs from version 2 of the setting on: it decides, and changes nothing\n    flapBudget: 4 (default: none)\n`,
    );
    const version = await stored(target);
    expect(version?.document).toEqual(JSON.parse(text));
    expect(version?.content).toMatchObject({
      policy: { mode: 'act', flapBudget: 4 },
      shadows: [{ name: 'lower', content: { policy: { flapBudget: 4 } } }],
    });
    expect(version?.shadows?.[0]?.policy).not.toHaveProperty('mode');
  });

  test('replaces the one of its name; the same again writes nothing', async () => {
    const { name, candidate, file } = await applied();
    await shadow('add', name, 'lower', candidate);
    expect((await shadow('add', name, 'lower', file)).out).toContain(
      'shadow lower decides by other rules from version 3 of the setting on; its cooldowns go on',
    );
    expect((await shadow('add', name, 'lower', file)).out).toContain('nothing written');
  });

  test('stays when the setting is applied anew, which says so', async () => {
    const { name, candidate, target } = await applied();
    await shadow('add', name, 'lower', candidate);
    const { out } = await current().run('apply', candidate, '--data', current().folder);
    expect(out).toContain('stays: shadow lower');
    expect((await stored(target))?.shadows).toHaveLength(1);
    await current().run('override', 'pause', name, '--for', '1h', '--reason', 'x');
    expect((await stored(target))?.shadows).toHaveLength(1);
  });

  test('says what its author should know', async () => {
    const { name, text } = await applied();
    const off = await current().fileOf(
      'off.json',
      text.replace('"enabled": true', '"enabled": false'),
    );
    const { code, err } = await shadow('add', name, 'off', off);
    expect(code).toBe(0);
    expect(err).toContain('properties.enabled is false: the shadow decides nothing');
  });

  test.each([
    ['a bad name', 'a b', '', 'Expected 1 to 64 letters and digits'],
    ['a setting of another target', 'a', 'other', 'properties.targetResourceUri: expected /subscr'],
    ['a setting that is none', 'a', 'none', 'was not added: setting and shadows stay'],
    ['a policy with a mode', 'a', 'mode', 'mode: a shadow has no mode'],
  ])('refuses %s', async (_, called, what, message) => {
    const { name, candidate, target } = await applied();
    const files: Record<string, string> = {
      other: await current().fileOf('other.json', await settingFor('elsewhere')),
      none: await current().fileOf('none.json', '{"properties": {}}'),
    };
    const options = await current().fileOf('mode.yaml', 'mode: observe');
    const policy = what === 'mode' ? ['--policy', options] : [];
    const { code, err, out } = await shadow(
      'add',
      name,
      called,
      files[what] ?? candidate,
      ...policy,
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('unexpected error');
    expect((await stored(target))?.version).toBe(1);
  });

  test('needs a setting to stand beside', async () => {
    const file = await current().fileOf('lonely.json', await settingFor('lonely'));
    const id = '/subscriptions/s/resourceGroups/g/providers/p/deployments/none';
    const { code, err } = await shadow('add', id, 'a', file);
    expect(code).toBe(1);
    expect(err).toContain('no setting is in force for');
  });
});

describe('headroom shadow list and remove', () => {
  test('print what there is, and take it out', async () => {
    const { name, candidate, target } = await applied();
    await shadow('add', name, 'lower', candidate);
    const { out } = await shadow('list', '--target', name);
    expect(out).toMatch(new RegExp(`^${name}  lower  profiles \\d, rules \\d\n$`));
    const json = await shadow('list', '--target', name, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ target, version: 2, shadow: { name: 'lower' } });
    const unknown = await shadow('remove', name, 'lowr');
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('has no shadow lowr: there are lower');
    const removed = await shadow('remove', name, 'lower');
    expect(removed.out).toBe(
      `${name}: shadow lower is taken out, in version 3 of the setting; its records stay\n`,
    );
    expect((await shadow('list', '--target', name)).err).toContain('There are no shadows');
  });
});
