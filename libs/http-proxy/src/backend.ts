import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Pool } from 'undici';
import type { CallBody } from './call-body.ts';
import { credentialHeaders } from './credential.ts';
import type { BackendCredential } from './credential.ts';
import type { Exchange } from './exchange.ts';
import { Relay } from './relay.ts';

/** The backend of one account: its address is fixed here, and so is what opens it. */
export interface Backend {
  /**
   * Sends the call once, never again, and streams the answer into `answer`. Resolves when the call has ended, however it
   * ended. Where nothing was answered (`answered` is absent) `answer` is untouched, for the caller to use.
   */
  forward(call: BackendCall, answer: ServerResponse): Promise<Exchange>;
  /** Waits for calls in flight. */
  close(): Promise<void>;
}

export interface BackendCall {
  readonly method: string;
  /** A checked path, and its query: see `requestTarget`. */
  readonly path: string;
  /** See `forwardedHeaders`. */
  readonly headers: readonly string[];
  readonly body: CallBody;
  readonly readsUsage: boolean;
  /** Under which the client called, without a slash at its end: links to the backend lead there. */
  readonly gatewayAddress: string;
  /** Put over those of the same names in the backend's answer. */
  readonly answerHeaders?: OutgoingHttpHeaders;
}

export interface BackendOptions {
  /** `https://NAME.cognitiveservices.azure.com`, with or without a path. */
  readonly address: string;
  readonly credential: BackendCredential;
  readonly limits?: Partial<BackendLimits>;
}

export interface BackendLimits {
  readonly connections: number;
  readonly connectMs: number;
  /** Until an answer begins: models think before they speak. */
  readonly headersMs: number;
  /** Between two parts of an answer. */
  readonly idleMs: number;
  readonly headerBytes: number;
  /** How long a client may take nothing of an answer that is there. */
  readonly stallMs: number;
}

export const backendLimits: BackendLimits = {
  connections: 1_024,
  connectMs: 5_000,
  headersMs: 300_000,
  idleMs: 300_000,
  headerBytes: 32_768,
  stallMs: 60_000,
};

/** Opens nothing yet: the first call connects. */
export function createBackend(options: BackendOptions): Backend {
  const limits = { ...backendLimits, ...options.limits };
  const address = new URL(options.address);
  const base = address.pathname.replace(/\/+$/, '');
  const pool = poolOf(address.origin, limits);
  const credentials = credentialHeaders(options.credential, Date.now);
  const forward: Backend['forward'] = async (call, answer) => {
    const beganAt = performance.now();
    const addresses = { backend: address.origin + base, gateway: call.gatewayAddress };
    const { readsUsage, answerHeaders = {} } = call;
    const { stallMs } = limits;
    const relay = new Relay(answer, { addresses, readsUsage, stallMs, answerHeaders });
    try {
      const headers = [...call.headers, ...(await credentials()), ...lengthOf(call)];
      const body = bodyOf(call.body);
      const { method, path } = call;
      pool.dispatch({ method, path: base + path, headers, body, idempotent: false }, relay);
    } catch (error) {
      relay.fail(error instanceof Error ? error : new Error(String(error)));
    }
    const end = await relay.ended;
    return { ...end, durationMs: performance.now() - beganAt };
  };
  return { forward, close: () => pool.close() };
}

function poolOf(origin: string, limits: BackendLimits): Pool {
  return new Pool(origin, {
    connections: limits.connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
    maxHeaderSize: limits.headerBytes,
  });
}

/** A length that was announced is kept: undici counts what is sent, and refuses more or less. */
function lengthOf({ body, method }: BackendCall): readonly string[] {
  switch (body.kind) {
    case 'none':
      return method === 'POST' || method === 'PUT' ? ['content-length', '0'] : [];
    case 'whole':
      return ['content-length', String(body.bytes.length)];
    case 'streamed':
      return body.announced === undefined ? [] : ['content-length', String(body.announced)];
  }
}

function bodyOf(body: CallBody): Buffer | Readable | null {
  switch (body.kind) {
    case 'none':
      return null;
    case 'whole':
      return body.bytes;
    case 'streamed':
      return Readable.from(joined(body.prefix, body.rest), { objectMode: false });
  }
}

async function* joined(prefix: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (prefix.length > 0) yield prefix;
  yield* rest;
}
