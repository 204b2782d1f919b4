import { createServer, STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listen, waitMs } from '@headroom/runtime';
import type { Listener } from '@headroom/runtime';
import { errorBody, refuse } from './refusal.ts';
import type { Refusal } from './refusal.ts';

/** Bounds of what a client may do before it is known, and of what it may hold. */
export interface DoorLimits {
  readonly connections: number;
  readonly headerBytes: number;
  readonly headers: number;
  /** Until a request's headers are there. */
  readonly headersMs: number;
  /** Until a request is there, its body included. */
  readonly requestMs: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveMs: number;
  /** How long a client that was refused may go on sending its body: one that is cut off sees no answer. */
  readonly lingerMs: number;
}

export const doorLimits: DoorLimits = {
  connections: 10_000,
  headerBytes: 16_384,
  headers: 100,
  headersMs: 10_000,
  requestMs: 600_000,
  keepAliveMs: 75_000,
  lingerMs: 5_000,
};

/** How often connections are looked at while the door closes. */
const idleCheckMs = 50;

/** Of each open connection the last answer that was begun or is to come; `undefined`: it has had no request yet. */
type LatestAnswers = Map<Duplex, ServerResponse | undefined>;

/** Answers one request, whatever happens; never throws. */
export type AnswerCall = (request: IncomingMessage, answer: ServerResponse) => Promise<void>;

export interface Door {
  /** `http://127.0.0.1:PORT`, or `https` */
  readonly url: string;
  /** Takes no new calls, and gives those in flight so long to end. */
  close(limitMs: number): Promise<void>;
}

export interface DoorAddress {
  readonly host: string;
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: TlsPair;
}

/** A certificate with those that vouch for it, and its private key; in PEM. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

const clientsDoor: Listener = { what: 'The gateway', portVariable: 'GATEWAY_PORT' };

/** Listens for HTTP/1.1. What is no clear request is refused here, before anybody looks at it. */
export async function openDoor(
  address: DoorAddress,
  answerCall: AnswerCall,
  limits: DoorLimits = doorLimits,
  listener: Listener = clientsDoor,
): Promise<Door> {
  const { tls } = address;
  const server = tls === undefined ? createServer(optionsOf(limits)) : tlsServer(tls, limits);
  const latest: LatestAnswers = new Map();
  const ending = new AbortController();
  const take = (request: IncomingMessage, answer: ServerResponse) => {
    latest.set(request.socket, answer);
    lingerAfter(request, answer, limits.lingerMs);
    // It came before the last one was answered: whose answer is whose must never be a question.
    if (answer.socket === null) return void request.socket.destroy();
    const problem = ending.signal.aborted ? closing : problemOf(request, limits);
    if (problem === undefined) void answerCall(request, answer);
    else refuse(answer, problem);
  };
  server.maxConnections = limits.connections;
  // Node would drop what goes beyond in silence: it is counted here.
  server.maxHeadersCount = 0;
  // Over TLS requests come on another socket than the one that was accepted.
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Duplex) => {
    latest.set(socket, undefined);
    socket.once('close', () => latest.delete(socket));
  });
  server.on('request', take);
  // The body is asked for when somebody reads it: a call over the limit need not send it.
  server.on('checkContinue', take);
  server.on('clientError', (error, socket) => {
    refuseUnclear(error, socket, latest.get(socket));
  });
  const sockets = openSockets(server);
  const url = await listen(server, address, listener);
  const close = (limitMs: number) => {
    ending.abort();
    return closeServer(server, { sockets, latest }, limitMs);
  };
  return { url: tls === undefined ? url : url.replace('http:', 'https:'), close };
}

const closing: Refusal = {
  status: 503,
  message: 'This gateway is being stopped: call again.',
  headers: { 'retry-after': '1', connection: 'close' },
};

function optionsOf(limits: DoorLimits): ServerOptions {
  return {
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: 1_000,
    noDelay: true,
  };
}

function tlsServer(tls: TlsPair, limits: DoorLimits): Server {
  return createTlsServer({ ...optionsOf(limits), ...tls, handshakeTimeout: limits.headersMs });
}

/** Those that have not got as far as a request too: the server itself does not know them. */
function openSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

const closes = { connection: 'close' };

function problemOf(request: IncomingMessage, limits: DoorLimits): Refusal | undefined {
  if (request.httpVersion !== '1.1') {
    return { status: 505, message: 'HTTP/1.1 is spoken here.', headers: closes };
  }
  if (request.rawHeaders.length > 2 * limits.headers) {
    return { status: 431, message: `A request may have at most ${limits.headers} headers.` };
  }
  const { 'transfer-encoding': coding = 'chunked' } = request.headers;
  if (coding.toLowerCase() === 'chunked') return undefined;
  // The parser takes any coding that ends in chunks; a body in another one is nothing that can be sent on.
  return { status: 501, message: 'A body comes as it is, or in chunks.', headers: closes };
}

/** A client that was answered before it had sent all is listened to for a while, then cut off. */
function lingerAfter(request: IncomingMessage, answer: ServerResponse, lingerMs: number): void {
  answer.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => request.socket.destroy(), lingerMs).unref();
    request.once('close', () => clearTimeout(timer));
  });
}

const unclear: Refusal = {
  status: 400,
  message: 'This is no HTTP/1.1 request that can be read in one way.',
};
const refusalByCode: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request came too slowly.' },
};

/**
 * What is no request, or none any more. Where an answer has begun, another one would be taken for a part of it; where a
 * request waits for its answer, this is it.
 */
function refuseUnclear(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  latest: ServerResponse | undefined,
): void {
  const refusal = refusalByCode[error.code ?? ''] ?? unclear;
  const isOver = latest === undefined || (latest.writableFinished && latest.req.complete);
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
  } else if (isOver) {
    socket.end(rawAnswer(refusal), () => socket.destroy());
  } else if (latest.headersSent) {
    socket.destroy();
  } else {
    refuse(latest, { ...refusal, headers: closes });
  }
}

function rawAnswer(refusal: Refusal): string {
  const body = errorBody(refusal);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** What is open: every socket, those that have not got as far as HTTP too, and the answers on them. */
interface Open {
  readonly sockets: ReadonlySet<Socket>;
  readonly latest: LatestAnswers;
}

async function closeServer(
  server: Server,
  { sockets, latest }: Open,
  limitMs: number,
): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Node counts a connection without a first request as busy.
  const idle = setInterval(() => {
    for (const [socket, answer] of latest) if (answer?.writableFinished !== false) socket.destroy();
  }, idleCheckMs);
  const limit = new AbortController();
  await Promise.race([closed, waitMs(limitMs, limit.signal)]);
  limit.abort();
  clearInterval(idle);
  server.closeAllConnections();
  for (const socket of sockets) socket.destroy();
  await closed;
}
