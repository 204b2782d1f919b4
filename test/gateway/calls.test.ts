import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import { instant, limitMetrics } from '@headroom/core';
import type { SpendPolicy, ThrottlingRule } from '@headroom/core';
import { backendKey, key, plentyRule, vision, World } from './world.ts';

let world: World;
afterEach(() => world.close());

/** So many calls in ten seconds: none comes back while a test runs. */
function few(count: number, changes: Partial<ThrottlingRule> = {}): ThrottlingRule {
  return { ...plentyRule, count, renewalPeriodMs: 10_000, ...changes };
}

describe('a caller', () => {
  test.each([
    ['api-key', { 'api-key': key }],
    ['ocp-apim-subscription-key', { 'ocp-apim-subscription-key': key }],
    ['authorization', { authorization: `Bearer ${key}` }],
  ])('is known by its key in %s', async (_name, headers) => {
    world = await World.start();
    await world.apply();
    const { url } = await world.gateway();
    expect((await fetch(`${url}/vision/x`, { headers })).status).toBe(200);
    const got = JSON.stringify(world.got);
    expect(got).toContain(backendKey);
    expect(got).not.toContain(key);
  });

  test('that nobody knows is told so as Azure does, and no backend hears of it', async () => {
    world = await World.start();
    await world.apply();
    const { url } = await world.gateway();
    const answer = await fetch(`${url}/vision/x`, { headers: { 'api-key': 'wrong' } });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({
      error: { code: '401', message: 'The key is not known here.' },
    });
    expect(world.got).toEqual([]);
  });

  test('is known by its Entra token', async () => {
    world = await World.start();
    await world.apply();
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' };
    const issuer = await world.listen((request, answer) => {
      const discovery = { issuer, jwks_uri: `${issuer}/keys` };
      answer.end(JSON.stringify(request.url === '/keys' ? { keys: [jwk] } : discovery));
    });
    const [audience, principal] = ['https://cognitiveservices.azure.com', crypto.randomUUID()];
    const clients = { clients: [{ name: 'job', principal }], entra: { issuer, audience } };
    const { url } = await world.gateway({ clients });
    const tokenOf = (oid: string) =>
      new SignJWT({ oid })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setExpirationTime('5m')
        .sign(privateKey);
    const call = async (oid: string) => {
      const headers = { authorization: `Bearer ${await tokenOf(oid)}` };
      return (await fetch(`${url}/vision/x`, { headers })).status;
    };
    expect([await call(principal), await call(crypto.randomUUID())]).toEqual([200, 401]);
    expect(world.got.length).toBe(1);
    expect(world.got[0]!.headers.authorization).toBeUndefined();
  });
});

describe('over the limit', () => {
  test('a call is answered 429 with all that a client needs, before any call to the backend', async () => {
    world = await World.start();
    await world.apply({ rules: [few(2)] });
    const gateway = await world.gateway();
    const first = await gateway.call('/vision/x');
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('1');
    await gateway.call('/vision/x');
    const refused = await gateway.call('/vision/x', { method: 'POST', body: '{}' });
    expect(refused.status).toBe(429);
    const headers = Object.fromEntries(refused.headers);
    expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(headers['retry-after-ms'])).toBeGreaterThan(0);
    expect(headers).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '0',
      'content-type': 'application/json',
    });
    expect(Number(headers['x-ratelimit-reset-requests'])).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: { code: '429' } });
    expect(world.got.length).toBe(2);
  });

  test('of many calls at once exactly so many pass', async () => {
    world = await World.start();
    await world.apply({ rules: [few(20)] });
    const gateway = await world.gateway();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => gateway.call('/vision/x').then(({ status }) => status)),
    );
    expect(answers.filter((status) => status === 200).length).toBe(20);
    expect(world.got.length).toBe(20);
  });

  test('several rules count apart, the most specific one that a call meets', async () => {
    world = await World.start();
    const read = { key: 'read', matchPatterns: [{ method: 'POST', path: 'x/read/*' }] };
    await world.apply({ rules: [few(2, read), few(1)] });
    const gateway = await world.gateway();
    const statuses: number[] = [];
    for (const path of ['/vision/x/read/a', '/vision/x/read/b', '/vision/x/READ/c', '/vision/y']) {
      statuses.push((await gateway.call(path, { method: 'POST' })).status);
    }
    statuses.push((await gateway.call('/vision/z')).status);
    expect(statuses).toEqual([200, 200, 429, 200, 429]);
  });

  test('a limit that the scaler set is in force as soon as it is read', async () => {
    world = await World.start();
    await world.apply({ rules: [few(40)] });
    const gateway = await world.gateway();
    const limit = async () =>
      (await gateway.call('/vision/x')).headers.get('x-ratelimit-limit-requests');
    expect(await limit()).toBe('40');
    const change = { account: vision, key: 'default', tps: 2 };
    await world.limits.set({ ...change, commandId: 'c', claimedAt: instant(0) });
    let seen = await limit();
    while (seen === '40') seen = await limit();
    expect(seen).toBe('20');
  });
});

describe('tokens of a model', () => {
  const chat = '/vision/openai/deployments/gpt/chat/completions';
  const usage = { usage: { prompt_tokens: 10, completion_tokens: 5 } };
  const ask = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = JSON.stringify({ max_tokens: 400 });
  const policy = {
    gateway: {
      whenAway: 'closed' as const,
      callerShareMax: 1,
      tokenLimits: [{ deployment: 'gpt', tokensPerMinute: 1_000 }],
    },
  };

  test('are reserved on the way in and corrected by the answer’s usage', async () => {
    const waits = Promise.withResolvers<undefined>();
    world = await World.start((request, answer) => {
      request.resume();
      void waits.promise.then(() => answer.end(JSON.stringify(usage)));
    });
    await world.apply({}, policy);
    const gateway = await world.gateway();
    const under = [gateway.call(chat, { ...ask, body }), gateway.call(chat, { ...ask, body })];
    while (world.got.length < 2) await new Promise(setImmediate);
    const refused = await gateway.call(chat, { ...ask, body });
    expect(refused.status).toBe(429);
    expect((await refused.json()) as object).toMatchObject({
      error: { message: expect.stringContaining('token rate limit') as unknown },
    });
    waits.resolve(undefined);
    for (const answer of await Promise.all(under)) {
      expect(answer.headers.get('x-ratelimit-limit-tokens')).toBe('1000');
      await answer.text();
    }
    const after = await gateway.call(chat, { ...ask, body });
    expect(after.status).toBe(200);
    const left = Number(after.headers.get('x-ratelimit-remaining-tokens'));
    // Two answers of 15 tokens, and what this call reserved.
    expect(left).toBeGreaterThan(500);
    expect(left).toBeLessThanOrEqual(1_000 - 30 - 400);
  });
});

describe('before the limits are known', () => {
  test('an account is answered 503, and then as usual', async () => {
    world = await World.start();
    const gateway = await world.gateway({ waits: false });
    const early = await gateway.call('/vision/x');
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1']);
    await gateway.ready();
    expect((await gateway.call('/vision/x')).status).toBe(503);
    expect(gateway.health('accounts')).toMatchObject({
      ready: true,
      missing: [{ account: vision }],
    });
    await world.apply();
    while ((await gateway.call('/vision/x')).status === 503) await new Promise(setImmediate);
    expect(gateway.health('accounts')).toEqual({ ready: true, missing: [] });
  });

  test('a store that is away at the start is waited for', async () => {
    world = await World.start();
    await world.apply();
    let isAway = true;
    const limits = {
      follow: (...args: Parameters<World['limits']['follow']>) =>
        isAway ? Promise.reject(new Error('away')) : world.limits.follow(...args),
    };
    const gateway = await world.gateway({ waits: false, limits });
    expect((await gateway.call('/vision/x')).status).toBe(503);
    expect(gateway.health('accounts')).toMatchObject({ ready: false });
    isAway = false;
    await gateway.ready();
    expect((await gateway.call('/vision/x')).status).toBe(200);
  });
});

test('while the stores are away the limits stay as they were', async () => {
  world = await World.start();
  await world.apply({ rules: [few(2)] });
  let isAway = false;
  const away = <Args extends unknown[], T>(ask: (...args: Args) => Promise<T>) => {
    return (...args: Args): Promise<T> => {
      return isAway ? Promise.reject(new Error('away')) : ask(...args);
    };
  };
  const shares = {
    read: away((pool: string) => world.shares.read(pool)),
    replace: away((...args: Parameters<World['shares']['replace']>) => {
      return world.shares.replace(...args);
    }),
  };
  const gateway = await world.gateway({ shares });
  isAway = true;
  const statuses: number[] = [];
  for (let call = 0; call < 3; call++) statuses.push((await gateway.call('/vision/x')).status);
  while (!world.lines.some((line) => line.includes('shares.failed'))) await wait(20);
  expect(statuses).toEqual([200, 200, 429]);
});

/** What the gateway told of a metric, in all. */
function sum(metric: string, by?: string): number {
  return world.samples
    .filter(({ series }) => series.metric === metric.toLowerCase())
    .filter(({ series }) => by === undefined || series.dimensions.some(([, is]) => is === by))
    .reduce((total, sample) => total + sample.total, 0);
}

const cent = 10_000;
const aCentACall: SpendPolicy['prices'][number] = {
  ...{ key: '*', perCallMicros: cent, perInputTokenMicros: 0, perOutputTokenMicros: 0 },
};

describe('what is billed', () => {
  test('case 34: of 1000 calls 400 are answered 429 by the limit, 600 are billed', async () => {
    world = await World.start();
    const spend = { currency: 'USD', caps: [], prices: [aCentACall] };
    await world.apply({ rules: [few(600, { renewalPeriodMs: 50_000 })] }, { spend });
    const gateway = await world.gateway();
    const statuses: number[] = [];
    for (let sent = 0; sent < 1000; sent += 50) {
      const calls = Array.from({ length: 50 }, () => gateway.call('/vision/x', { method: 'POST' }));
      statuses.push(...(await Promise.all(calls)).map(({ status }) => status));
    }
    await gateway.stop();
    expect(statuses.filter((status) => status === 429)).toHaveLength(400);
    expect(world.got).toHaveLength(600);
    expect(sum(limitMetrics.blockedCalls, 'Rate')).toBe(400);
    expect(sum(limitMetrics.successfulCalls)).toBe(600);
    expect(sum(limitMetrics.spend)).toBe(600 * cent);
  }, 20_000);

  test('a cap that is reached refuses calls, and is told once', async () => {
    world = await World.start();
    const caps = [{ of: 'account', per: 'hour', amountMicros: 2 * cent }] as const;
    await world.apply({}, { spend: { currency: 'USD', caps, prices: [aCentACall] } });
    const gateway = await world.gateway();
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await gateway.call('/vision/x')).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    const told = world.lines.filter((line) => line.includes('spend.reached'));
    expect(told).toEqual([expect.stringContaining(vision)]);
  });
});

describe('what happened', () => {
  test('is told by second: calls, refusals of both sides, callers, and by which instance', async () => {
    world = await World.start((request, answer) => {
      answer.writeHead(request.url === '/base/peak' ? 429 : 200).end('{}');
    });
    await world.apply({ rules: [few(3)] });
    const gateway = await world.gateway();
    for (const path of ['/vision/x', '/vision/x', '/vision/peak', '/vision/x']) {
      await gateway.call(path, { method: 'POST' });
    }
    await gateway.stop();
    expect(sum(limitMetrics.totalCalls)).toBe(4);
    expect(sum(limitMetrics.successfulCalls)).toBe(2);
    expect(sum(limitMetrics.blockedCalls, 'Rate')).toBe(1);
    expect(sum(limitMetrics.blockedCalls, 'Backend')).toBe(1);
    expect(sum(limitMetrics.callerCalls, 'app')).toBe(4);
    expect(sum(limitMetrics.latency)).toBeGreaterThan(0);
    expect(sum(limitMetrics.ratelimit)).toBeGreaterThan(0);
    const instances = new Set(
      world.samples.map(({ series }) => series.dimensions.find(([name]) => name === 'Instance')),
    );
    expect(instances.has(undefined)).toBe(false);
    expect(world.samples.every(({ series }) => series.resource === vision)).toBe(true);
  });
});

describe('links and failures of the backend', () => {
  test('a link to the backend leads to where the client called', async () => {
    world = await World.start((_request, answer) => {
      answer.writeHead(202, { 'operation-location': `${world.backendUrl}/base/results/7` }).end();
    });
    await world.apply();
    const gateway = await world.gateway();
    const { headers } = await gateway.call('/vision/x');
    expect(headers.get('operation-location')).toBe(`${gateway.url}/vision/results/7`);
  });

  test('one that breaks off is 502, its own refusals pass as they are', async () => {
    world = await World.start((request, answer) => {
      if (request.url === '/base/cut') request.socket.destroy();
      else answer.writeHead(429, { 'retry-after': '7' }).end('{"error":{"code":"429"}}');
    });
    await world.apply();
    const gateway = await world.gateway();
    const cut = await gateway.call('/vision/cut');
    expect([cut.status, await cut.json()]).toEqual([
      502,
      { error: { code: '502', message: 'The backend of this resource did not answer.' } },
    ]);
    const refused = await gateway.call('/vision/x');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
    expect(world.lines.some((line) => line.includes('backend.failed'))).toBe(true);
  });
});

describe('the end', () => {
  test('calls in flight are answered, new ones are not, and the slices go back', async () => {
    const waits = Promise.withResolvers<undefined>();
    world = await World.start((_request, answer) => {
      void waits.promise.then(() => answer.end('done'));
    });
    await world.apply({ rules: [few(10)] });
    const gateway = await world.gateway();
    const call = gateway.call('/vision/x');
    while (world.got.length === 0) await new Promise(setImmediate);
    // Somebody who is connected and says nothing keeps nobody waiting.
    const silent = gateway.raw();
    const stopped = gateway.stop();
    expect(await silent).toBe('');
    await expect(fetch(gateway.url)).rejects.toThrow();
    waits.resolve(undefined);
    expect(await (await call).text()).toBe('done');
    await stopped;
    const other = await world.gateway();
    const { headers } = await other.call('/vision/x');
    expect(headers.get('x-ratelimit-limit-requests')).toBe('10');
  });
});
