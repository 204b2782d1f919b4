import type { IncomingMessage } from 'node:http';

/** A request's body: all of it, or its beginning and what is still to come. */
export type CallBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | {
      readonly kind: 'streamed';
      readonly prefix: Buffer;
      readonly rest: AsyncIterable<Buffer>;
      /** Its length, where the request says one. */
      readonly announced?: number;
    };

export interface BodyLimits {
  /** No more of a body is ever held. */
  readonly prefixBytes: number;
  readonly bodyBytes: number;
  /** Between two parts of a body. */
  readonly idleMs: number;
}

/** The body is longer than is allowed, or came too slowly, or broke off. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused';
  readonly status: 408 | 413 | 400;

  constructor(status: 408 | 413 | 400, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/**
 * Reads at most a prefix. A short body of known length is read whole before the call is sent, so that a slow sender holds no
 * connection of the backend; a long one streams from its first byte, unless its beginning is `wanted`. Throws `BodyRefused`.
 */
export async function callBody(
  request: IncomingMessage,
  limits: BodyLimits,
  wanted: boolean,
): Promise<CallBody> {
  const length = request.headers['content-length'];
  const chunked = request.headers['transfer-encoding'] !== undefined;
  if (!chunked && (length === undefined || length === '0')) return { kind: 'none' };
  const announced = length === undefined ? undefined : Number(length);
  if (announced !== undefined && announced > limits.bodyBytes) throw tooLong(limits);
  const chunks = limited(request, limits);
  const short = announced !== undefined && announced <= limits.prefixBytes;
  if (!short && !wanted) {
    return streamed(Buffer.alloc(0), chunks, announced);
  }
  return readPrefix(chunks, limits, announced);
}

async function readPrefix(
  chunks: AsyncGenerator<Buffer>,
  { prefixBytes }: BodyLimits,
  announced: number | undefined,
): Promise<CallBody> {
  const held: Buffer[] = [];
  let bytes = 0;
  while (bytes < prefixBytes) {
    const next = await chunks.next();
    if (next.done === true) return wholeOf(held);
    held.push(next.value);
    bytes += next.value.length;
  }
  return streamed(Buffer.concat(held), chunks, announced);
}

function streamed(
  prefix: Buffer,
  rest: AsyncIterable<Buffer>,
  announced: number | undefined,
): CallBody {
  return { kind: 'streamed', prefix, rest, ...(announced === undefined ? {} : { announced }) };
}

function wholeOf(held: readonly Buffer[]): CallBody {
  const [only, ...others] = held;
  if (only === undefined) return { kind: 'none' };
  return { kind: 'whole', bytes: others.length === 0 ? only : Buffer.concat(held) };
}

/** Who stops reading half-way does not end the connection: an answer may still be due on it. */
async function* limited(request: IncomingMessage, limits: BodyLimits): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer, unknown> = request.iterator({ destroyOnReturn: false });
  const idle = Promise.withResolvers<never>();
  const slow = () => idle.reject(new BodyRefused(408, 'The body came too slowly.'));
  idle.promise.catch(() => undefined);
  // Of the request, not of its socket: the server destroys a connection whose timeout nobody heard there.
  request.setTimeout(limits.idleMs, slow);
  try {
    for (let bytes = 0; ;) {
      const next = await Promise.race([part(chunks), idle.promise]);
      if (next.done === true) return;
      bytes += next.value.length;
      if (bytes > limits.bodyBytes) throw tooLong(limits);
      yield next.value;
    }
  } finally {
    request.setTimeout(0).off('timeout', slow);
  }
}

async function part(
  chunks: AsyncIterator<Buffer, unknown>,
): Promise<IteratorResult<Buffer, unknown>> {
  try {
    return await chunks.next();
  } catch (cause) {
    throw new BodyRefused(400, 'The body broke off.', { cause });
  }
}

function tooLong({ bodyBytes }: BodyLimits): BodyRefused {
  return new BodyRefused(413, `A body may have at most ${bodyBytes} bytes.`);
}
