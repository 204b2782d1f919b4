import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Answer } from '../http.ts';
import type { FailureListener } from '../http.ts';
import { baseUrlOf, closeServer, listen, listener, pathOf, readBody } from '../http.ts';
import type { Sync } from '../folder/database.ts';
import type { TrustedIssuer } from '../identity/issuer.ts';
import { TokenCheck } from '../identity/token-check.ts';
import { Sqlite } from '../sqlite.ts';
import type { ServerCertificate } from '../tls/first-byte.ts';
import { serveTlsToo } from '../tls/first-byte.ts';
import type { DatabaseDefinition } from './definitions.ts';
import { ensureDatabase } from './definitions.ts';
import type { CosmosAccess } from './authorization.ts';
import { authorize } from './authorization.ts';
import { Catalog, schema } from './catalog.ts';
import { badRequest, CosmosError, tooLarge } from './errors.ts';
import { keepHouse } from './housekeeping.ts';
import { ItemIndexes } from './item-index/item-indexes.ts';
import { MAX_ITEM_BYTES } from './items.ts';
import type { CosmosRequest } from './request.ts';
import { RequestUnits, ThrottledError } from './request-units.ts';
import type { DataPlane } from './route.ts';
import { route } from './route.ts';

export interface CosmosOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The account's key, base64. */
  readonly key: string;
  /** The key is refused: only tokens let in. */
  readonly disableLocalAuth?: boolean | undefined;
  /** Whose tokens let in, over TLS. */
  readonly trustedIssuer?: TrustedIssuer | undefined;
  /** For TLS on the same port. */
  readonly certificate?: ServerCertificate | undefined;
  readonly dataFile: string;
  /** What an answered write survives: the death of the process unless given. */
  readonly sync?: Sync | undefined;
  /** Answers 429 to what is above; no limit unless given. */
  readonly requestUnitsPerSecond?: number | undefined;
  /** Made at the start where they are missing. */
  readonly databases?: readonly DatabaseDefinition[];
}

export interface CosmosServer extends AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Of SQLite's pages in memory. */
const CACHE_KIB = 64 * 1024;

/**
 * Serves the Cosmos DB data plane over HTTP and HTTPS in this thread. A write is committed to the data file
 * before it is answered. `GET /health` needs no key.
 */
export async function serveCosmos(
  options: CosmosOptions,
  clock: () => number = Date.now,
  onFailure: FailureListener = () => undefined,
): Promise<CosmosServer> {
  const access = accessOf(options, clock);
  const sqlite = new Sqlite(options.dataFile, schema, {
    sync: options.sync,
    onDamage: onFailure,
  });
  sqlite.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  const indexes = new ItemIndexes(sqlite);
  const catalog = new Catalog(sqlite, clock, indexes);
  const { requestUnitsPerSecond } = options;
  const plane: DataPlane = { sqlite, catalog, indexes, clock, requestUnitsPerSecond };
  const units =
    requestUnitsPerSecond === undefined
      ? undefined
      : new RequestUnits(requestUnitsPerSecond, clock);
  for (const database of options.databases ?? []) ensureDatabase(plane.catalog, database);
  const server = createServer(
    listener(
      (request) => answer(plane, units, access, request),
      (error) => errorAnswer(error, onFailure),
    ),
  );
  const sockets = serveTlsToo(server, options.certificate);
  const port = await listen(server, options.host, options.port).catch((error: unknown) => {
    sqlite.close();
    throw error;
  });
  const house = keepHouse(plane, onFailure);
  const close = async (): Promise<void> => {
    house[Symbol.dispose]();
    await closeServer(server, sockets);
    sqlite.close();
  };
  const endpoint = `http://${options.host}:${port}/`;
  return { port, endpoint, close, [Symbol.asyncDispose]: close };
}

function accessOf(options: CosmosOptions, clock: () => number): CosmosAccess {
  const { disableLocalAuth = false, trustedIssuer, key } = options;
  return {
    clock,
    ...(disableLocalAuth ? {} : { key: Buffer.from(key, 'base64') }),
    ...(trustedIssuer === undefined ? {} : { tokens: new TokenCheck(trustedIssuer, clock) }),
  };
}

async function answer(
  plane: DataPlane,
  units: RequestUnits | undefined,
  access: CosmosAccess,
  message: IncomingMessage,
): Promise<Answer> {
  const path = pathOf(message);
  if (path === '/health') return { status: 200, body: '{"status":"ok"}' };
  const body = await readBody(message, MAX_ITEM_BYTES);
  const isSecure = message.socket instanceof TLSSocket;
  const request: CosmosRequest = {
    method: message.method ?? 'GET',
    segments: segmentsOf(path),
    headers: message.headers,
    body: body ?? '',
    baseUrl: `${baseUrlOf(message)}/`,
  };
  await authorize(access, request, {
    isSecure,
    port: message.socket.localPort,
    date: String(message.headers['x-ms-date'] ?? ''),
    authorization: message.headers.authorization ?? '',
  });
  if (body === undefined) throw tooLarge(MAX_ITEM_BYTES);
  units?.admit();
  const result = await route(plane, request);
  const headers = { ...standardHeaders(), ...result.headers };
  units?.charge(Number(headers['x-ms-request-charge']));
  return { ...result, headers };
}

function segmentsOf(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw badRequest(`The path ${path} is not URL-encoded.`);
  }
}

const standardHeaders = (): Record<string, string> => ({
  'x-ms-request-charge': '1',
  'x-ms-activity-id': randomUUID(),
});

function errorAnswer(error: unknown, onFailure: FailureListener): Answer {
  if (!(error instanceof CosmosError)) onFailure(error);
  const known =
    error instanceof CosmosError
      ? error
      : new CosmosError(
          500,
          'InternalServerError',
          `The embedded Cosmos DB failed: ${String(error)}`,
        );
  const headers = {
    ...standardHeaders(),
    'x-ms-substatus': String(known.substatus ?? 0),
    ...(known instanceof ThrottledError
      ? { 'x-ms-retry-after-ms': String(known.retryAfterMs) }
      : {}),
  };
  const body = JSON.stringify({ code: known.code, message: known.message });
  return { status: known.status, headers, body };
}
