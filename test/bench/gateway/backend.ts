import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A backend that answers at once: a kilobyte of JSON, or under `/stream` events, of which the second comes only a while
 * after the first. Prints where it listens.
 */
const answerBody = JSON.stringify({ text: 'x'.repeat(1_000) });
const secondAfterMs = 5;

const server = createServer((request, answer) => {
  request.resume();
  request.once('end', () => {
    if (request.url?.endsWith('/stream') !== true) {
      answer.setHeader('content-type', 'application/json').end(answerBody);
      return;
    }
    answer.setHeader('content-type', 'text/event-stream').write('data: first\n\n');
    setTimeout(() => answer.end('data: second\n\n'), secondAfterMs);
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`);
