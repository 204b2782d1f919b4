import type { IncomingMessage, RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import type { LimitChange, TargetId } from '@headroom/core';
import { createReceiver, namedValues } from '@headroom/demo';
import type { LimitController } from '@headroom/ports';
import { connectWebhooks } from '@headroom/webhook';
import type { Webhooks } from '@headroom/webhook';
import { openDoor } from './http-door.ts';
import type { HttpDoor } from './http-door.ts';
import { limitControllerContract } from './limit-store.contract.ts';
import { newTarget } from './samples.ts';

/**
 * The webhook and the receiver for Azure API Management together, as one controller. The named values are those of the REST
 * reference, with their ETags, as far as the receiver uses them: no API Management was asked.
 */
const secret = 'a-secret-of-the-test-that-is-long-enough';
const keys = ['vision', 'ocr', 'a', 'b', 'c', 'd', 'e'];

class ServiceOfNamedValues {
  readonly #values = new Map<string, { value: string; tags: readonly string[]; etag: number }>();
  /** What the next requests are answered instead. */
  readonly faults: { status: number; body: string }[] = [];

  make(id: string, value: string): void {
    this.#values.set(id, { value, tags: ['ours'], etag: 1 });
  }

  value(id: string): string | undefined {
    return this.#values.get(id)?.value;
  }

  readonly listener: RequestListener = (request, response) => {
    void this.#answer(request).then(({ status, body, etag }) => {
      response.writeHead(status, etag === undefined ? {} : { etag: `"${etag}"` }).end(body);
    });
  };

  async #answer(request: IncomingMessage) {
    const body = await text(request);
    const fault = this.faults.shift();
    if (fault !== undefined) return { ...fault, etag: undefined };
    const [, id = '', action] =
      /\/namedValues\/([^/?]+)(\/listValue)?\?/.exec(request.url ?? '') ?? [];
    const found = this.#values.get(id);
    if (found === undefined) return { status: 404, body: '{}', etag: undefined };
    const { value, tags, etag } = found;
    if (action !== undefined) return { status: 200, body: JSON.stringify({ value }), etag };
    if (request.method === 'GET') {
      return { status: 200, body: JSON.stringify({ properties: { tags } }), etag };
    }
    if (request.headers['if-match'] !== `"${etag}"`) return { status: 412, body: '{}', etag };
    const { properties } = JSON.parse(body) as { properties: { value: string; tags: string[] } };
    this.#values.set(id, { ...properties, etag: etag + 1 });
    return { status: 202, body: '', etag: undefined };
  }
}

/** One gateway an account, made when somebody asks for it. */
class Gateways implements LimitController, AsyncDisposable {
  readonly service = new ServiceOfNamedValues();
  readonly #made = new Map<TargetId, Promise<Webhooks>>();
  readonly #opened = new AsyncDisposableStack();

  async read(account: TargetId) {
    return (await this.#of(account)).read(account);
  }

  async set(change: LimitChange) {
    return (await this.#of(change.account)).set(change);
  }

  #of(account: TargetId): Promise<Webhooks> {
    const made = this.#made.get(account) ?? this.#make(account);
    this.#made.set(account, made);
    return made;
  }

  async #make(account: TargetId): Promise<Webhooks> {
    const arm: HttpDoor = this.#opened.use(await openDoor(this.service.listener));
    const apim = { endpoint: arm.address, service: '/apim', token: () => Promise.resolve('token') };
    const limits = new Map(keys.map((key) => [key, idOf(account, key)]));
    for (const id of limits.values()) this.service.make(id, '100');
    const values = namedValues(apim);
    const receiver = createReceiver({ account, limits, secret, values, now: Date.now });
    const door = this.#opened.use(await openDoor(receiver));
    const nobody: LimitController = {
      read: () => Promise.reject(new Error('asked elsewhere')),
      set: () => Promise.reject(new Error('set elsewhere')),
    };
    const addresses = new Map([[account, new URL(door.address)]]);
    const webhooks = await connectWebhooks({ addresses, secret }, nobody);
    return this.#opened.adopt(webhooks, (one) => one.close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

function idOf(account: TargetId, key: string): string {
  return `${account.split('/').slice(-3).join('-')}-${key}`;
}

let gateways: Gateways;
beforeAll(() => {
  gateways = new Gateways();
});
afterAll(() => gateways[Symbol.asyncDispose]());

limitControllerContract('a webhook to API Management', () => gateways);

describe('a named value', () => {
  const change = (account: TargetId, changes: Partial<LimitChange> = {}): LimitChange => {
    return { account, key: 'vision', tps: 14.7, commandId: 'c', claimedAt: instant(1), ...changes };
  };

  test('counts calls in ten seconds, and is seen as it is when a person changes it', async () => {
    const account = newTarget();
    expect(await gateways.set(change(account))).toBe('set');
    const id = idOf(account, 'vision');
    expect(gateways.service.value(id)).toBe('147');
    const limit = { key: 'vision', tps: 14.7, commandId: 'c', claimedAt: 1 };
    expect(await gateways.read(account)).toEqual({ account, limits: [limit] });
  });

  test('that there is none of is a reason, not a wait', async () => {
    const found = await gateways.set(change(newTarget(), { key: 'none' }));
    expect(found).toMatchObject({ kind: 'refused', detail: expect.stringContaining('none') });
  });

  test.each([
    [403, { kind: 'refused', detail: expect.stringContaining('AuthorizationFailed') }],
    [429, 'ProviderUnavailable'],
    [500, 'ProviderUnavailable'],
  ])('that ARM answers %i to', async (status, expected) => {
    const account = newTarget();
    await gateways.read(account);
    gateways.service.faults.push({ status, body: 'AuthorizationFailed' });
    const found = gateways.set(change(account)).catch((error: unknown) => (error as Error).name);
    if (typeof expected === 'string') expect(await found).toBe(expected);
    else expect(await found).toMatchObject(expected);
  });
});

describe('the receiver', () => {
  const apim = { endpoint: 'http://127.0.0.1:1', service: '', token: () => Promise.resolve('') };
  const values = namedValues(apim);
  const account = newTarget();
  const open = (now: () => number = Date.now) =>
    openDoor(createReceiver({ account, limits: new Map(), secret, values, now }));

  test.each<[number, RequestInit]>([
    [401, { method: 'PUT', body: '{}' }],
    [401, { method: 'GET', headers: { 'headroom-signature': 'v1=0', 'headroom-timestamp': '0' } }],
    [413, { method: 'PUT', body: 'x'.repeat(20_000) }],
  ])('answers %i to %j', async (status, request) => {
    await using door = await open();
    expect((await fetch(door.address, request)).status).toBe(status);
  });

  test('refuses a recording of five minutes ago', async () => {
    await using door = await open(() => Date.now() + 301_000);
    const addresses = new Map([[account, new URL(door.address)]]);
    const webhooks = await connectWebhooks({ addresses, secret }, gateways);
    expect(await webhooks.read(account)).toMatchObject({ kind: 'refused', code: 'HTTP 401' });
    await webhooks.close();
  });
});
