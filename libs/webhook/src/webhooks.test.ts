import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import type { AccountLimits, LimitChange, LimitInForce } from '@headroom/core';
import { ProviderUnavailable } from '@headroom/ports';
import type { LimitController } from '@headroom/ports';
import { createWebhooks } from './webhooks.ts';
import type { WebhookLimits } from './webhooks.ts';

const secret = 'a-secret-of-the-test-that-is-long-enough';
const account = targetId(
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/vision',
);
const other = targetId(`${account}2`);
const limit: LimitInForce = {
  key: 'default',
  tps: 14.7,
  commandId: 'c',
  position: { logId: 'log', partition: 3, sequence: 12 },
  claimedAt: instant(1_800_000_000_000),
};
const change: LimitChange = { account, ...limit };
const inForce: AccountLimits = { account, limits: [limit] };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/limits?code=key`;
}

const nothing: LimitController = {
  read: () => Promise.resolve(undefined),
  set: () => Promise.resolve('set'),
};

function connected(
  address: string,
  limits: Partial<WebhookLimits> = {},
  otherwise: LimitController = nothing,
): LimitController {
  const addresses = new Map([[account, new URL(address)]]);
  const webhooks = createWebhooks({ addresses, secret, limits }, otherwise);
  closing.push(() => webhooks.close());
  return webhooks;
}

/** A gateway that does `listener`. */
async function gateway(
  listener: RequestListener,
  limits: Partial<WebhookLimits> = {},
): Promise<LimitController> {
  return connected(await listen(createServer(listener)), limits);
}

/** One that always answers so. */
function answering(status: number, body: unknown = '', headers: Record<string, string> = {}) {
  const told = typeof body === 'string' ? body : JSON.stringify(body);
  return gateway((_, answer) => answer.writeHead(status, headers).end(told));
}

/** By the words of the contract, not by our own code. */
function isSigned({ method, headers }: IncomingMessage, body: string): boolean {
  const timestamp = String(headers['headroom-timestamp']);
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  const digest = createHmac('sha256', secret).update(`${timestamp}.${method}.${body}`);
  return age < 300 && headers['headroom-signature'] === `v1=${digest.digest('hex')}`;
}

describe('a change of a limit', () => {
  test('is put, signed, to the webhook of its account', async () => {
    const seen: unknown[] = [];
    const webhooks = await gateway((request, answer) => {
      void text(request).then((body) => {
        const { method, url, headers } = request;
        const type = headers['content-type'];
        seen.push({
          method,
          url,
          type,
          signed: isSigned(request, body),
          body: JSON.parse(body) as unknown,
        });
        answer.end();
      });
    });
    expect(await webhooks.set(change)).toBe('set');
    const body = { v: 1, ...change };
    const asked = { method: 'PUT', url: '/limits?code=key', type: 'application/json' };
    expect(seen).toEqual([{ ...asked, signed: true, body }]);
  });

  test.each([200, 201, 202, 204])('is set when the gateway answers %i', async (status) => {
    expect(await (await answering(status)).set(change)).toBe('set');
  });

  test('is stale at 409', async () => {
    expect(await (await answering(409, inForce)).set(change)).toBe('stale');
  });

  test.each([
    [400, 'no such key', /no such key/],
    [401, '', /refuses it/],
    [404, '', /refuses it/],
    [422, 'x'.repeat(5_000), /^[^]{1,400}$/],
    [307, '', /points elsewhere/],
  ])('is refused at %i, with what the gateway says', async (status, said, detail) => {
    const webhooks = await answering(status, said, { location: 'http://127.0.0.1:1/' });
    const refused = { kind: 'refused', outcome: 'Rejected', code: `HTTP ${status}` };
    expect(await webhooks.set(change)).toMatchObject({
      ...refused,
      detail: expect.stringMatching(detail),
    });
  });

  test.each([408, 425, 429, 500, 503])('waits at %i', async (status) => {
    const webhooks = await answering(status, '', { 'retry-after': '7' });
    const waits = { name: 'ProviderUnavailable', retryAfterMs: 7000 };
    await expect(webhooks.set(change)).rejects.toMatchObject(waits);
  });

  test('is set however long the answer is', async () => {
    const webhooks = await gateway((_, answer) => answer.end('x'.repeat(100_000)));
    expect(await webhooks.set(change)).toBe('set');
  });

  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['begins an answer and never ends it', (_, answer) => answer.write('{')],
    ['hangs up', (_, answer) => answer.destroy()],
  ])('waits for a gateway that %s', async (_, listener) => {
    const webhooks = await gateway(listener, { requestMs: 100 });
    await expect(webhooks.set(change)).rejects.toThrow(ProviderUnavailable);
  });

  test('names neither the secret nor the query when it fails', async () => {
    const webhooks = connected('http://127.0.0.1:1/limits?code=key');
    const error: unknown = await webhooks.set(change).then(String, (thrown: unknown) => thrown);
    expect(String(error)).toContain('http://127.0.0.1:1/limits cannot take limits now');
    const all = JSON.stringify(error, Object.getOwnPropertyNames(error));
    expect(all).not.toMatch(/code=key|a-secret/);
  });

  test('of another account goes elsewhere', async () => {
    const seen: unknown[] = [];
    const otherwise: LimitController = {
      read: () => Promise.resolve({ account: other, limits: [] }),
      set: (one) => Promise.resolve(seen.push(one) === 1 ? 'stale' : 'set'),
    };
    const webhooks = connected('http://127.0.0.1:1/', {}, otherwise);
    expect(await webhooks.set({ ...change, account: other })).toBe('stale');
    expect(seen).toHaveLength(1);
    expect(await webhooks.read(other)).toMatchObject({ account: other });
  });
});

describe('limits in force', () => {
  test('are asked for with a signature over no body', async () => {
    const webhooks = await gateway((request, answer) => {
      const status = request.method === 'GET' && isSigned(request, '') ? 200 : 401;
      answer.writeHead(status).end(JSON.stringify({ v: 1, ...inForce }));
    });
    expect(await webhooks.read(account)).toEqual(inForce);
  });

  test('are none at 404', async () => {
    expect(await (await answering(404)).read(account)).toBeUndefined();
  });

  test.each<[string, number, unknown, RegExp]>([
    ['in words', 200, 'fine', /v/],
    ['in another form', 200, { v: 1, account, limits: [{ key: 'a' }] }, /limits\W+0\W+tps/],
    ['of another account', 200, { v: 1, ...inForce, account: other }, /LIMIT_WEBHOOKS/],
    ['at more length than is read', 200, { v: 1, ...inForce, x: 'x'.repeat(70_000) }, /does not/],
    ['with a no', 403, 'not you', /not you/],
  ])('answered %s are refused', async (_, status, body, detail) => {
    const found = await (await answering(status, body)).read(account);
    expect(found).toMatchObject({ kind: 'refused', detail: expect.stringMatching(detail) });
  });

  test('of a gateway that is away are waited for', async () => {
    await expect((await answering(502)).read(account)).rejects.toThrow(ProviderUnavailable);
  });
});
