import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Pool } from 'undici';

/**
 * The least that a proxy on undici does: everything goes on as it came, nobody is asked who he is. With the argument
 * `limited`, `rate-limiter-flexible` in memory is asked before. Prints where it listens.
 */
const [backend = '', limited] = process.argv.slice(2);
const pool = new Pool(backend, { connections: 1_024 });
const limiter = new RateLimiterMemory({ points: 1_000_000, duration: 1 });

function forward({ method = '', url: path = '', headers, ...request }: Forwarded): void {
  const { source, answer } = request;
  const body = method === 'GET' ? null : source;
  // The pool writes those of its own connection.
  const { host, connection, ...rest } = headers;
  if (host === undefined || connection === 'upgrade') throw new Error('no call of this bench');
  const options = { method: method as 'GET', path, headers: rest, body };
  void pool.stream(options, ({ statusCode, headers: found }) => {
    answer.writeHead(statusCode, found as Record<string, string>);
    return answer;
  });
}

interface Forwarded extends Pick<IncomingMessage, 'method' | 'url' | 'headers'> {
  readonly source: IncomingMessage;
  readonly answer: ServerResponse;
}

const server = createServer((source, answer) => {
  const { method, url, headers } = source;
  const call = { method, url, headers, source, answer } as Forwarded;
  if (limited !== 'limited') {
    forward(call);
    return;
  }
  limiter.consume('app').then(
    () => forward(call),
    () => answer.writeHead(429).end(),
  );
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`);
