import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createBackend } from './backend.ts';
import type { BackendLimits } from './backend.ts';
import { BodyRefused, callBody } from './call-body.ts';
import type { BackendCredential } from './credential.ts';
import type { Exchange } from './exchange.ts';
import { forwardedHeaders } from './request-headers.ts';

const bodyLimits = { prefixBytes: 1_024, bodyBytes: 4_000_000, idleMs: 10_000 };
const key: BackendCredential = { kind: 'key', key: 'backend-secret' };
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
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Setup {
  readonly credential?: BackendCredential;
  readonly limits?: Partial<BackendLimits>;
  readonly body?: Partial<typeof bodyLimits>;
}

/** A door that does nothing but forward, before a backend that does `listener`. */
async function proxied(listener: RequestListener, setup: Setup = {}) {
  const address = await listen(createServer(listener));
  return { address, ...(await before(address, setup)) };
}

async function before(address: string, setup: Setup) {
  const { credential = key, limits = {} } = setup;
  const backend = createBackend({ address: `${address}/base`, credential, limits });
  const exchanges: Promise<Exchange>[] = [];
  const forward = async (request: IncomingMessage, answer: ServerResponse): Promise<Exchange> => {
    const body = await callBody(request, { ...bodyLimits, ...setup.body }, true);
    const headers = forwardedHeaders(request.rawHeaders, { uncompressed: true });
    if (!headers.ok) throw new Error(headers.error);
    const { method = 'GET', url = '/' } = request;
    const call = { method, path: url, headers: headers.value, body, readsUsage: true };
    return backend.forward({ ...call, gatewayAddress: 'https://gateway/vision' }, answer);
  };
  const door = createServer((request, answer) => {
    const exchange = forward(request, answer);
    exchanges.push(exchange);
    exchange.then(
      ({ answered, end }) => {
        if (answered === undefined && !answer.destroyed) answer.writeHead(502).end(end);
      },
      (error: unknown) => {
        answer.writeHead(error instanceof BodyRefused ? error.status : 500).end();
      },
    );
  });
  const url = await listen(door);
  closing.push(() => backend.close());
  return { url, exchange: async () => exchanges[0]! };
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test('a call arrives with the backend’s credential, host and path, and without the caller’s', async () => {
  let seen: IncomingMessage | undefined;
  const { url, address } = await proxied((request, answer) => {
    seen = request;
    answer.end('{}');
  });
  const headers = { 'api-key': 'mine', authorization: 'Bearer mine', cookie: 'mine=1' };
  await fetch(`${url}/a?b=c`, { method: 'POST', headers, body: 'hello' });
  expect(seen!.url).toBe('/base/a?b=c');
  expect(seen!.headers.host).toBe(new URL(address).host);
  expect(seen!.headers['api-key']).toBe('backend-secret');
  expect(seen!.headers['content-length']).toBe('5');
  expect(JSON.stringify(seen!.rawHeaders)).not.toContain('mine');
});

test('an Entra token is asked for once while it is good', async () => {
  let asked = 0;
  const token = () =>
    Promise.resolve({ token: `t${++asked}`, expiresAtMs: Date.now() + 3_600_000 });
  const credential: BackendCredential = { kind: 'entra', token };
  const { url } = await proxied((request, answer) => answer.end(request.headers.authorization), {
    credential,
  });
  for (let call = 0; call < 3; call++) expect(await (await fetch(url)).text()).toBe('Bearer t1');
});

test('links to the backend lead through the gateway, and it gives no credential back', async () => {
  const { url, address } = await proxied((request, answer) => {
    const own = `http://${request.headers.host ?? ''}/base/results/7?v=1`;
    answer.writeHead(202, {
      'operation-location': own,
      location: 'https://else/x',
      'api-key': 'k',
    });
    answer.end();
  });
  const { status, headers } = await fetch(url);
  expect(status).toBe(202);
  expect(headers.get('operation-location')).toBe('https://gateway/vision/results/7?v=1');
  expect(headers.get('location')).toBe('https://else/x');
  expect(headers.get('api-key')).toBeNull();
  expect(address).toMatch(/^http:/);
});

test('the first event arrives before the second is sent; usage and events are counted', async () => {
  const second = Promise.withResolvers<undefined>();
  const { url, exchange } = await proxied((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write('data: one\n\n');
    void second.promise.then(() => {
      answer.end('data: {"usage":{"prompt_tokens":3,"completion_tokens":2}}\n\n');
    });
  });
  const reader = (await fetch(url)).body!.getReader();
  const first = await reader.read();
  expect(Buffer.from(first.value).toString()).toBe('data: one\n\n');
  second.resolve(undefined);
  for (;;) if ((await reader.read()).done) break;
  expect(await exchange()).toMatchObject({
    end: 'complete',
    answered: { status: 200, events: 2, usage: { promptTokens: 3, completionTokens: 2 } },
  });
});

test('a head that comes alone does not wait for its body', async () => {
  const body = Promise.withResolvers<undefined>();
  const { url } = await proxied((_request, answer) => {
    answer.writeHead(200, { 'x-here': 'yes' }).flushHeaders();
    void body.promise.then(() => answer.end());
  });
  const answer = await fetch(url);
  expect(answer.headers.get('x-here')).toBe('yes');
  body.resolve(undefined);
  await answer.text();
});

test('a client that goes ends the backend’s call', async () => {
  const gone = Promise.withResolvers<undefined>();
  const { url, exchange } = await proxied((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: one\n\n');
    answer.once('close', () => gone.resolve(undefined));
  });
  const stop = new AbortController();
  const answer = await fetch(url, { signal: stop.signal });
  await answer.body!.getReader().read();
  stop.abort();
  await gone.promise;
  expect(await exchange()).toMatchObject({ end: 'clientGone', answered: { events: 1 } });
});

test('what the client does not take is not read from the backend', async () => {
  const total = 64 * 1_048_576;
  const full = Promise.withResolvers<number>();
  const { url } = await proxied((_request, answer) => {
    const part = Buffer.alloc(65_536, 'x');
    let sent = 0;
    const fill = (): void => {
      while (sent < total) {
        sent += part.length;
        if (!answer.write(part)) break;
      }
      if (sent >= total) answer.end();
      else answer.once('drain', fill);
    };
    fill();
    // Nothing drains for long while nobody reads: a quiet moment of the server is the end of its buffers.
    let last = -1;
    const look = setInterval(() => {
      if (last === sent) full.resolve(sent);
      last = sent;
    }, 100);
    answer.once('close', () => clearInterval(look));
  });
  const call = httpRequest(url).end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  answer.pause();
  expect(await full.promise).toBeLessThan(total / 2);
  expect((await readAll(answer)).length).toBe(total);
});

test.each([
  ['short and known', 500, false],
  ['long and known', 1_000_000, false],
  ['of unknown length', 1_000_000, true],
])('a body %s arrives as it was sent', async (_name, bytes, chunked) => {
  const { url } = await proxied((request, answer) => {
    void readAll(request).then((body) =>
      answer.end(`${body.length} ${body.toString('latin1', 0, 3)}`),
    );
  });
  const headers = chunked ? {} : { 'content-length': bytes };
  const call = httpRequest(url, { method: 'POST', headers });
  for (let sent = 0; sent < bytes; sent += 500) call.write('abcde'.repeat(100));
  call.end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect((await readAll(answer)).toString()).toBe(`${bytes} abc`);
});

test('a body that grows too long is refused, however its length was announced', async () => {
  const { url } = await proxied(
    (request, answer) => {
      void readAll(request).then(
        () => answer.end(),
        () => undefined,
      );
    },
    { body: { bodyBytes: 10_000 } },
  );
  const known = await fetch(url, { method: 'POST', body: 'x'.repeat(20_000) });
  expect(known.status).toBe(413);
  const call = httpRequest(url, { method: 'POST' });
  call.on('error', () => undefined);
  for (let part = 0; part < 40; part++) call.write('x'.repeat(500));
  call.end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(502);
  expect((await readAll(answer)).toString()).toBe('bodyRefused');
});

test('a body that stops coming is refused', async () => {
  const { url } = await proxied((_request, answer) => answer.end(), { body: { idleMs: 50 } });
  const call = httpRequest(url, { method: 'POST', headers: { 'content-length': 100 } });
  call.on('error', () => undefined);
  call.write('x');
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(408);
  call.destroy();
});

test('a backend that is not there, is late or breaks off is told apart', async () => {
  const nobody = await before('http://127.0.0.1:1', {});
  expect(await (await fetch(nobody.url)).text()).toBe('unreachable');
  const late = await proxied(() => undefined, { limits: { headersMs: 50 } });
  expect(await (await fetch(late.url)).text()).toBe('headersLate');
  const broken = await proxied((request) => request.socket.destroy());
  expect(await (await fetch(broken.url)).text()).toBe('broken');
});

test('a call is sent once, whatever becomes of it', async () => {
  let calls = 0;
  const { url } = await proxied((request) => {
    calls++;
    request.socket.destroy();
  });
  await fetch(url);
  expect(calls).toBe(1);
});

test('an answer that breaks off is no whole one for the client', async () => {
  const { url, exchange } = await proxied((_request, answer) => {
    answer.writeHead(200, { 'content-length': 100 });
    answer.write('half', () => answer.destroy());
  });
  await expect(fetch(url).then((answer) => answer.text())).rejects.toThrow();
  expect(await exchange()).toMatchObject({ end: 'broken', answered: { status: 200, bytes: 4 } });
});

test('a refusal of the backend passes with its words and Retry-After', async () => {
  const error = '{"error":{"code":"429","message":"Please retry after 86400 seconds."}}';
  const { url, exchange } = await proxied((_request, answer) => {
    answer
      .writeHead(429, { 'retry-after': '86400', 'content-type': 'application/json' })
      .end(error);
  });
  const answer = await fetch(url);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '86400']);
  expect(await answer.text()).toBe(error);
  expect((await exchange()).answered).toMatchObject({ retryAfter: '86400', errorText: error });
});
