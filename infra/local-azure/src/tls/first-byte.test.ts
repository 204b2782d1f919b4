import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadCertificates } from './certificates.ts';
import type { Certificates } from './certificates.ts';
import { serveTlsToo } from './first-byte.ts';

const folder = mkdtempSync(join(tmpdir(), 'tls-'));
let certificates: Certificates;
beforeAll(async () => {
  certificates = await loadCertificates(folder, Date.now());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Echo extends AsyncDisposable {
  readonly port: number;
  /** Connections that came to the server's listener. */
  readonly taken: readonly Socket[];
}

/** A server that sends back what it gets. */
async function startEcho(silenceLimitMs?: number, pair?: Certificates): Promise<Echo> {
  const taken: Socket[] = [];
  const server: Server = createServer((socket) => {
    taken.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  const sockets = serveTlsToo(server, pair, silenceLimitMs);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    sockets[Symbol.dispose]();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, taken, [Symbol.asyncDispose]: stop };
}

async function echoed(socket: Socket, text: string): Promise<string> {
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    if (answer.length >= text.length) break;
  }
  return answer;
}

describe('one port for plain and TLS', () => {
  test('tells them apart, and loses no byte of either', async () => {
    await using echo = await startEcho(undefined, certificates);
    const text = 'AMQP'.repeat(50_000);
    const plain = connect(echo.port, '127.0.0.1');
    plain.write(text);
    const options = { port: echo.port, host: 'localhost', ca: certificates.ca };
    const secure = connectTls(options);
    secure.write(text);
    expect(await echoed(plain, text)).toBe(text);
    expect(await echoed(secure, text)).toBe(text);
  });

  test('takes a client that sends its first bytes one by one', async () => {
    await using echo = await startEcho(undefined, certificates);
    const client = connect(echo.port, '127.0.0.1').setNoDelay(true);
    await once(client, 'connect');
    for (const byte of 'AMQP') await new Promise((sent) => client.write(byte, sent));
    expect(await echoed(client, 'AMQP')).toBe('AMQP');
  });

  test('cuts off a client that says nothing, and one that does not finish its handshake', async () => {
    await using echo = await startEcho(50, certificates);
    const silent = connect(echo.port, '127.0.0.1');
    const half = connect(echo.port, '127.0.0.1').on('error', () => undefined);
    half.write(Buffer.from([0x16, 0x03, 0x01]));
    await Promise.all([once(silent, 'close'), once(half, 'close')]);
    expect(echo.taken).toEqual([]);
  });

  test('survives a handshake that is none, and a TLS client where there is no certificate', async () => {
    await using echo = await startEcho(undefined, certificates);
    const broken = connect(echo.port, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    broken.write(Buffer.concat([Buffer.from([0x16]), Buffer.alloc(500, 7)]));
    await once(broken, 'close');
    await using bare = await startEcho();
    const secure = connectTls({ port: bare.port, host: 'localhost', ca: certificates.ca });
    const [error] = (await once(secure, 'error')) as [Error];
    expect(error.message).toMatch(/handshake/i);
    const plain = connect(echo.port, '127.0.0.1');
    plain.write('still here');
    expect(await echoed(plain, 'still here')).toBe('still here');
  });

  test('ends those that wait when the server closes', async () => {
    const echo = await startEcho(undefined, certificates);
    const silent = connect(echo.port, '127.0.0.1');
    await once(silent, 'connect');
    const closed = once(silent, 'close');
    await echo[Symbol.asyncDispose]();
    await closed;
  });
});

describe('the certificates', () => {
  test('are for localhost and both loopback addresses, and kept', async () => {
    expect(await loadCertificates(folder, Date.now())).toEqual(certificates);
    await using echo = await startEcho(undefined, certificates);
    for (const host of ['localhost', '127.0.0.1']) {
      const client = connectTls({ port: echo.port, host, ca: certificates.ca });
      await once(client, 'secureConnect');
      const names = client.getPeerCertificate().subjectaltname;
      expect(names).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
      client.destroy();
    }
  });

  test('a client that trusts the authorities of two folders tells them apart', async () => {
    const second = mkdtempSync(join(tmpdir(), 'tls-'));
    const other = await loadCertificates(second, Date.now());
    rmSync(second, { recursive: true, force: true });
    const ca = [other.ca, certificates.ca];
    for (const pair of [certificates, other]) {
      await using echo = await startEcho(undefined, pair);
      const client = connectTls({ port: echo.port, host: 'localhost', ca });
      await once(client, 'secureConnect');
      client.destroy();
    }
  });
});
