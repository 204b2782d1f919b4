import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { after, defaultRateLimitPolicy, limitTarget, minuteMs, targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import type { CosmosStores } from '@headroom/azure-cosmos';
import { openStores, silentLog } from '../connections.ts';
import { limitDecisionOn } from '../view/limit.fixture.ts';
import { settingFor, useHeadroom } from './headroom.fixture.ts';

/** Against the embedded Azure, through the real SDK. Each test has an account of its own. */
const current = useHeadroom();
const group = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts';
let serial = 0;

const ratelimit = (...args: string[]) =>
  current().run('ratelimit', ...args, '--data', current().folder);
const approved = ['--because', 'ticket 4711', '--owner', 'ann'];
const idOf = (name: string): TargetId => targetId(`${group}/${name}`);

interface Given {
  readonly kind?: string;
  readonly sku?: string;
  readonly capabilities?: readonly string[];
  readonly args?: readonly string[];
  readonly on?: boolean;
  /** With a limit of twenty calls a minute. */
  readonly slow?: boolean;
}

/** An account as ARM shows it, with members that Headroom does not know. */
async function newAccount(given: Given = {}): Promise<string> {
  const { kind = 'ComputerVision', sku = 'S1', capabilities = ['DynamicThrottling'] } = given;
  const name = `vision${++serial}`;
  const rule = (key: string, count: number, renewalPeriod: number) => ({
    ...{ key, count, renewalPeriod, dynamicThrottlingEnabled: key !== 'billing' },
    matchPatterns: [{ method: '*', path: `${key}/*` }],
  });
  const rules = [rule('vision', 15, 1), rule('Default', 100, 10), rule('billing', 50, 1)];
  if (given.slow === true) rules.push(rule('slow', 20, 60));
  const properties = {
    provisioningState: 'Succeeded',
    capabilities: capabilities.map((one) => ({ name: one })),
    callRateLimit: { rules },
    ...(given.on === true ? { dynamicThrottlingEnabled: true } : {}),
  };
  const account = { id: `${group}/${name}`, name, kind, sku: { name: sku }, properties };
  const file = await current().fileOf(`${name}.json`, JSON.stringify(account));
  const applied = await current().run(
    'apply',
    file,
    '--data',
    current().folder,
    ...(given.args ?? []),
  );
  expect(applied).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${name}: version 1 is in force`),
  });
  return name;
}

async function withStores<T>(work: (stores: CosmosStores) => Promise<T>): Promise<T> {
  const stores = await openStores({ ...current().azure.env }, silentLog);
  try {
    return await work(stores);
  } finally {
    stores.close();
  }
}

const stored = (name: string) => withStores(({ settings }) => settings.read(idOf(name)));

describe('headroom ratelimit enable and disable', () => {
  test('change the switch of the stored document and nothing else in it', async () => {
    const name = await newAccount();
    const before = await stored(name);
    const enabled = await ratelimit('enable', name);
    expect(enabled).toEqual({
      code: 0,
      out: `${name}: autoscale on, version 2\n    while calls are answered 429 and the backend has room, limits rise up to 1000 calls/s: vision 15, Default 10\n`,
      err: '',
    });
    const document = before?.document as { properties: object };
    const properties = { ...document.properties, dynamicThrottlingEnabled: true };
    expect(await stored(name)).toMatchObject({ version: 2, document: { ...document, properties } });
    const disabled = await ratelimit('disable', `${group}/${name.toUpperCase()}`);
    expect(disabled.out).toBe(
      `${name}: autoscale off, version 3\n    within five minutes its limits are their defaults, in calls/s: vision 15, Default 10, billing 50\n`,
    );
    expect(await stored(name)).toMatchObject({
      content: { account: { dynamicThrottlingEnabled: false } },
    });
  });

  test('the same again writes nothing', async () => {
    const name = await newAccount();
    const { code, out } = await ratelimit('disable', name);
    expect(code).toBe(0);
    expect(out).toContain(`${name}: autoscale off already; nothing written, version 1\n`);
  });

  test.each([
    [{ sku: 'F0' }, 'the free tier (F0) has no autoscale: move the account to a paid tier'],
    [
      { kind: 'OpenAI', capabilities: [] },
      'accounts of kind OpenAI have no capability DynamicThrottling',
    ],
  ])('enabling %j is refused with the reason', async (given, why) => {
    const name = await newAccount(given);
    const refused = await ratelimit('enable', name);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain(
      `${name} stays as it is: properties.dynamicThrottlingEnabled: cannot be true: ${why}`,
    );
    expect(await stored(name)).toMatchObject({ version: 1 });
  });

  test('say what makes it needless', async () => {
    const { err } = await ratelimit('enable', await newAccount({ args: ['--mode', 'observe'] }));
    expect(err).toBe('note: mode observe: decisions are recorded, no limit is changed\n');
  });

  test.each([
    [['enable', 'nobody'], 'no target\'s id ends in "nobody"'],
    [['enable', 'nobody'], 'headroom apply account.json'],
    [['disable', `${group}/nobody`], 'no setting is in force for'],
    [['bend', 'x'], "unknown command 'bend'"],
  ])('%j: %s', async (args, message) => {
    await newAccount();
    const { code, out, err } = await ratelimit(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('unexpected error');
  });
});

describe('headroom ratelimit set-default', () => {
  test('writes the default with who approved it and why; the own default takes it back', async () => {
    const name = await newAccount();
    const given = await ratelimit('set-default', name, 'default', '40.5', ...approved);
    expect(given).toEqual({
      code: 0,
      out: `${name}: default of Default 40.5 calls/s, approved by ann, version 2\n`,
      err: '',
    });
    const policy = async () => ((await stored(name))?.content as { policy: object }).policy;
    expect(await policy()).toMatchObject({
      approvedTps: { default: 40.5 },
      approvedBecause: { default: { by: 'ann', because: 'ticket 4711' } },
    });
    const again = await ratelimit('set-default', name, 'default', '40.5', ...approved);
    expect(again.out).toContain('approved by ann already; nothing written, version 2');
    const back = await ratelimit('set-default', name, 'DEFAULT', '10', ...approved);
    expect(back.out).toBe(`${name}: default of Default 10 calls/s, its own, version 3\n`);
    expect(await policy()).toMatchObject({ approvedTps: {} });
    expect(await policy()).not.toHaveProperty('approvedBecause');
  });

  test('a default that is no number of tenths is its own, and can be given back', async () => {
    const name = await newAccount({ slow: true });
    expect((await ratelimit('show', name)).out).toContain(
      'slow  0.333333 calls/s, default 0.333333 (* slow/*)',
    );
    await ratelimit('set-default', name, 'slow', '2', ...approved);
    const below = await ratelimit('set-default', name, 'slow', '0.3', ...approved);
    expect(below.err).toContain("0.3 is below 0.333333, the limit's own default");
    const back = await ratelimit('set-default', name, 'slow', '0.333333', ...approved);
    expect(back.out).toContain('default of slow 0.333333 calls/s, its own, version 3');
  });

  test('above the maximum is said', async () => {
    const { code, err } = await ratelimit(
      'set-default',
      await newAccount(),
      'vision',
      '1500',
      ...approved,
    );
    expect(code).toBe(0);
    expect(err).toContain("above the policy's maximum of 1000");
  });

  test.each([
    [['visoin', '40', ...approved], 'KEY: the account has no limit "visoin": write vision'],
    [['vision', '14', ...approved], "TPS: 14 is below 15, the limit's own default"],
    [['vision', '40.5500001', ...approved], 'Expected calls a second'],
    [['vision', 'many', ...approved], 'Expected calls a second'],
    [['vision', '2000000', ...approved], 'TPS: expected at most 1000000 calls a second'],
    [['vision', '40', '--because', ' '], '--because: empty: say why'],
    [['vision', '40', '--because', 'x', '--owner', ' '], '--owner: empty'],
    [['vision', '40'], "required option '--because <text>' not specified"],
  ])('%j: %s', async (args, message) => {
    const name = await newAccount();
    const { code, out, err } = await ratelimit('set-default', name, ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('unexpected error');
    expect(await stored(name)).toMatchObject({ version: 1 });
  });
});

describe('headroom ratelimit show and list', () => {
  test('rules, switch, policy, limits in force and the last decision', async () => {
    const name = await newAccount({ on: true });
    await ratelimit('set-default', name, 'default', '40', ...approved);
    const decision = {
      ...limitDecisionOn({}).decision,
      target: limitTarget(idOf(name), 'vision'),
      at: after(current().now, -minuteMs),
      id: `0123456789-${name}`,
    };
    await withStores(async ({ limits, audit }) => {
      const change = { key: 'vision', tps: 21.3, commandId: 'c', claimedAt: current().now };
      await limits.set({ account: idOf(name), ...change });
      await audit.create({ kind: 'decision', decision });
    });
    const { code, out, err } = await ratelimit('show', name);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')).toEqual([
      `${name}: autoscale on, version 2, mode act`,
      `  ${idOf(name)}`,
      '  kind ComputerVision, tier S1: its limits may be raised',
      '',
      'Limits',
      '  vision  21.3 calls/s, default 15 (* vision/*)',
      '  Default  40 calls/s, default 40, approved by ann: ticket 4711; its own 10 (* Default/*)',
      '  billing  50 calls/s, default 50 (* billing/*); never raised',
      '',
      'Policy',
      '  every option has its default',
      '',
      'Last decisions',
      expect.stringMatching(
        new RegExp(
          `^  2026-11-21 14:29:00Z  ScaleOut Throttled  ${name}/vision  10 → 14.7 calls/s  412 calls answered 429 .*; the backend serves 250 .*  01234567$`,
        ),
      ),
      '',
    ]);
    const { out: json } = await ratelimit('show', name, '--json');
    expect(JSON.parse(json)).toMatchObject({
      account: idOf(name),
      dynamicThrottlingEnabled: true,
      policy: { approvedTps: { default: 40 } },
      limits: [
        { key: 'vision', defaultTps: 15, inForceTps: 21.3, lastDecision: { reason: 'Throttled' } },
        { key: 'Default', approval: { by: 'ann' } },
        { key: 'billing', ineligible: 'the rule billing is not one that may be raised' },
      ],
    });
  });

  test('why an account is not eligible', async () => {
    const name = await newAccount({ sku: 'F0' });
    const { out } = await ratelimit('show', name);
    expect(out).toContain('kind ComputerVision, tier F0: the free tier (F0) has no autoscale');
    expect(out).toContain('none in the last hour: is the system running?');
    expect(JSON.parse((await ratelimit('show', name, '--json')).out)).toMatchObject({
      ineligible: expect.stringContaining('the free tier'),
    });
  });

  test('a table of all', async () => {
    const [on, free] = [await newAccount({ on: true }), await newAccount({ sku: 'F0' })];
    const lines = (await ratelimit('list')).out.split('\n');
    expect(lines[0]).toMatch(/^account +kind +tier +autoscale +mode +limits, calls\/s$/);
    const row = (name: string) => lines.find((line) => line.startsWith(`${name} `));
    expect(row(on)).toMatch(/ComputerVision +S1 +on +act +vision 15, Default 10, billing 50$/);
    expect(row(free)).toMatch(/ComputerVision +F0 +off, not eligible +act/);
    const json = (await ratelimit('list', '--json')).out.trim().split('\n');
    expect(json.map((line) => (JSON.parse(line) as { name: string }).name)).toContain(free);
  });
});

test('an account that cannot be read is named, and left as it is', async () => {
  const name = await newAccount();
  await withStores(async ({ settings }) => {
    const key = { target: idOf(name), id: idOf(name), expected: 1 };
    const beside = { policy: defaultRateLimitPolicy, overrides: [] };
    await settings.write({ ...key, ...beside, document: { id: idOf(name), sku: 7 } });
  });
  const refused = await ratelimit('enable', name);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toMatch(new RegExp(`${name} cannot be read \\(.*\\), apply a good one: az`));
  expect((await ratelimit('list')).err).toContain(`note: cannot be read, and are held: ${name}`);
});

test('headroom apply says whether the autoscale of an account is on; lint is not for accounts', async () => {
  const name = await newAccount();
  const file = join(current().folder, `${name}.json`);
  const again = await current().run('apply', file, '--data', current().folder);
  expect(again.out).toContain(`autoscale: off; headroom ratelimit enable ${name} turns it on`);
  const linted = await current().run('lint', file);
  expect(linted).toMatchObject({ code: 1, out: '' });
  expect(linted.err).toContain('is an account or a quota pool');
});

test('headroom apply takes a quota pool, and its policy', async () => {
  const usages = '/subscriptions/s/providers/Microsoft.CognitiveServices/locations/we/usages';
  const deployments = ['chat', 'batch'].map((name) => ({
    ...{ id: `${group}/a/deployments/${name}`, maximum: 100 },
  }));
  const pool = { id: `${usages}/gpt`, type: 'Headroom/quotaPools', properties: { deployments } };
  const [file, policy] = [
    await current().fileOf('pool.json', JSON.stringify(pool)),
    await current().fileOf('pool.yaml', 'mode: observe\nevery: 5m\n'),
  ];
  const applied = await current().run(
    ...['apply', file, '--policy', policy, '--data', current().folder],
  );
  expect(applied).toEqual({
    code: 0,
    out: 'we/gpt: version 1 is in force, mode observe: decisions are recorded, nothing is scaled\n    mode: observe (default: act)\n    every: PT5M (default: PT1M)\n',
    err: '',
  });
  const term = ['--for', '2h', '--reason', 'launch', '--data', current().folder];
  const pinned = await current().run('override', 'pin', 'we/gpt', '5', ...term);
  expect(pinned).toMatchObject({ code: 1, out: '' });
  expect(pinned.err).toContain('we/gpt is a quota pool');
  const other = await current().fileOf(
    'other.json',
    JSON.stringify({ ...pool, id: `${usages}/other` }),
  );
  const refused = await current().run('apply', other, '--data', current().folder);
  expect(refused).toMatchObject({ code: 1, out: '' });
  expect(refused.err).toContain('properties.deployments[0].id: is in the quota pool');
});

test('headroom apply of a quota pool tells of capacities that ARM does not allow', async () => {
  const quotas = '/subscriptions/s/providers/Microsoft.CognitiveServices/locations/we/usages';
  const provisioned = { minimum: 50, step: 50, maximum: 500 };
  const told = async (usage: string, first: object, second: object) => {
    const deployments = [first, second].map((deployment, index) => ({
      ...{ id: `${group}/b/deployments/${index}`, ...deployment },
    }));
    const id = `${quotas}/${usage}`;
    const pool = { id, type: 'Headroom/quotaPools', properties: { deployments } };
    const file = await current().fileOf('pool.json', JSON.stringify(pool));
    const applied = await current().run('apply', file, '--data', current().folder);
    expect(applied.code).toBe(0);
    return applied.err;
  };
  const ofProvisioned = 'OpenAI.ProvisionedManaged.gpt-4o';
  expect(await told(ofProvisioned, provisioned, { minimum: 10, maximum: 501 })).toBe(
    [
      'warning: properties.deployments[1].maximum: ARM allows 500 at most\n',
      'warning: properties.deployments[1].minimum: ARM allows 50 or more\n',
      'warning: properties.deployments[1].step: ARM allows steps of 50\n',
    ].join(''),
  );
  expect(await told(ofProvisioned, provisioned, provisioned)).toBe('');
});

test('and of values that a model has not', async () => {
  const quotas = '/subscriptions/s/providers/Microsoft.CognitiveServices/locations/we/usages';
  const deployments = [[1, 50, 350], [2]].map((allowedValues, index) => ({
    ...{ id: `${group}/c/deployments/${index}`, maximum: 350, allowedValues },
  }));
  const id = `${quotas}/OpenAI.Standard.text-embedding-3-large`;
  const pool = { id, type: 'Headroom/quotaPools', properties: { deployments } };
  const file = await current().fileOf('pool.json', JSON.stringify(pool));
  const applied = await current().run('apply', file, '--data', current().folder);
  expect(applied.err).toBe(
    'warning: properties.deployments[1].allowedValues: ARM allows these only: 1, 10, 50, 100, 200, 350\n',
  );
});

describe('what works for a setting works for an account', () => {
  const term = ['--for', '2h', '--reason', 'launch', '--owner', 'ann'];
  const until = 'by ann until 2026-11-21 16:30:00Z: launch';

  test('overrides', async () => {
    const name = await newAccount({ on: true });
    const override = (...args: string[]) =>
      current().run('override', ...args, '--data', current().folder);
    const confirmed = await override('confirm', name, ...term);
    expect(confirmed.out).toContain(`${name}: raises confirmed ${until}\n`);
    expect(confirmed.err).toContain('its policy names no anomalyFactor');
    const pinned = await override('pin', name, '5', ...term);
    expect(pinned.out).toContain(`${name}: pinned to 5 calls/s ${until}\n`);
    expect(pinned.err).toContain(
      '5 is outside the bounds of every limit (15 to 1000, 10 to 1000, 50 to 1000)',
    );
    await override('pause', name, ...term);
    const overrides = [{ kind: 'confirm' }, { kind: 'pin', to: 5 }, { kind: 'pause' }];
    expect(await stored(name)).toMatchObject({ version: 4, content: { overrides } });
    const listed = await override('list', '--target', name);
    const limit = await override('pin', `${name}/vision`, '20', ...term);
    expect(limit.err).toContain(
      `${name}/vision has no setting of its own: an override is for the whole of ${name}`,
    );
    expect(listed.out).toContain(`${name}  pinned to 5 calls/s ${until} (2 h left)`);
    const cleared = await override('clear', name);
    expect(cleared.out).toContain('no longer pinned to 5 calls/s');
    const frozen = await override('freeze', `${group}/${name}`, ...term);
    expect(frozen.out).toContain(`1 setting is frozen until 2026-11-21 16:30:00Z: ${name}`);
    expect((await ratelimit('show', name)).out).toContain(`  frozen ${until}\n`);
  });

  test('but nothing else waits to be confirmed', async () => {
    const file = await current().fileOf('chat.json', await settingFor('confirm'));
    await current().run('apply', file, '--data', current().folder);
    const refused = await current().run(
      ...['override', 'confirm', 'confirm/blue', ...term, '--data', current().folder],
    );
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('confirm/blue is no AI services account');
  });

  test('audit, explain and replay, of all its limits or one of them', async () => {
    const name = await newAccount({ on: true });
    const { decision, content } = limitDecisionOn({ account: { id: idOf(name) } });
    const setting = { id: decision.setting.id, version: 3 };
    const made = (key: string, minutes: number) => ({
      ...decision,
      ...{ setting, at: decision.at, id: `${key}-${name}-${minutes}` },
      target: limitTarget(idOf(name), key),
    });
    await withStores(async ({ audit }) => {
      const version = { target: idOf(name), ...setting, content };
      const took = { id: `s-${name}`, target: idOf(name), at: decision.at, version };
      await audit.create({ kind: 'decision', decision: made('vision', 1) });
      await audit.create({ kind: 'setting', setting: took });
      await audit.create({ kind: 'decision', decision: made('default', 2) });
    });
    const run = (...args: string[]) => current().run(...args, '--data', current().folder);
    const heads = ({ out }: { readonly out: string }) =>
      out
        .split('\n')
        .filter((line) => /^\d{4}-/.test(line))
        .map((line) => line.split('  ')[2]);
    const [all, one] = [
      await run('audit', '--target', name),
      await run('audit', '--target', `${name}/default`),
    ];
    expect(heads(all)).toEqual([name, `${name}/vision`, `${name}/default`]);
    expect(heads(one)).toEqual([name, `${name}/default`]);
    const explained = await run('explain', `vision-${name}-1`);
    expect(explained.out).toContain('decided by: does the backend have room?');
    const replayed = await run('replay', '--target', name);
    expect(replayed).toMatchObject({ code: 0, err: '' });
    expect(replayed.out).toContain('replayed 2, 2 identical, 0 different');
  });
});
