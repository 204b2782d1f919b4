import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';

/** A body above the limit is read to its end, so that the client sees the answer, up to this size. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;
/** Longer than the clients' own idle times: a server that closes first races with their next request. */
const KEEP_ALIVE_MS = 120_000;

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
}

/** Told of an error that is none of the service's own answers: something is broken. */
export type FailureListener = (error: unknown) => void;

/** Host and port as a URL may hold them; what a client sends as `Host` is anything. */
const HOST = /^([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/i;

/** Where the client found this server, without a slash at the end, for the links of an answer. */
export function baseUrlOf(request: IncomingMessage): string {
  const { host = '' } = request.headers;
  const scheme = request.socket instanceof TLSSocket ? 'https' : 'http';
  return `${scheme}://${HOST.test(host) ? host : 'localhost'}`;
}

/** The part of the request's target that names something: no query, never a host. */
export function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? '/';
}

/** Reads a request's body; `undefined` when it is longer than the limit. */
export async function readBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_DRAINED_BYTES) request.destroy();
    else if (size <= limitBytes) chunks.push(chunk);
  }
  return size > limitBytes ? undefined : Buffer.concat(chunks).toString('utf8');
}

export function send(response: ServerResponse, answer: Answer): void {
  const headers: Record<string, string | number> = { ...answer.headers };
  if (answer.body !== undefined) {
    headers['content-type'] = 'application/json; charset=utf-8';
    headers['content-length'] = Buffer.byteLength(answer.body);
  }
  response.writeHead(answer.status, headers);
  response.end(answer.body);
}

/** Turns an async handler into a listener; what the handler throws becomes the answer of `onError`. */
export function listener(
  handle: (request: IncomingMessage) => Promise<Answer>,
  onError: (error: unknown) => Answer,
): RequestListener {
  return (request, response) => {
    void handle(request)
      .catch(onError)
      .then((answer) => {
        if (!response.destroyed) send(response, answer);
      });
  };
}

/** Listens and answers the port. Fails with the system's error, for instance EADDRINUSE. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Requests that are being answered get half a second; then `sockets` ends whatever is left. */
export async function closeServer(server: Server, sockets: Disposable): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const left = setTimeout(() => sockets[Symbol.dispose](), 500);
  await closed;
  clearTimeout(left);
}
