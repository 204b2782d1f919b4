import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Answer } from '../http.ts';
import type { FailureListener } from '../http.ts';
import { closeServer, listen, listener, readBody } from '../http.ts';
import { Sqlite } from '../sqlite.ts';
import type { DatabaseDefinition } from './definitions.ts';
import { ensureDatabase } from './definitions.ts';
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
  readonly dataFile: string;
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
 * Serves the Cosmos DB data plane over HTTP in this thread. A write is committed to the data file
 * before it is answered. `GET /health` needs no key.
 */
export async function serveCosmos(
  options: CosmosOptions,
  clock: () => number = Date.now,
  onFailure: FailureListener = () => undefined,
): Promise<CosmosServer> {
  const key = Buffer.from(options.key, 'base64');
  const sqlite = new Sqlite(options.dataFile, schema);
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
      (request) => answer(plane, units, key, request),
      (error) => errorAnswer(error, onFailure),
    ),
  );
  const port = await listen(server, options.host, options.port);
  const house = keepHouse(plane, onFailure);
  const close = async (): Promise<void> => {
    house[Symbol.dispose]();
    await closeServer(server);
    sqlite.close();
  };
  const endpoint = `http://${options.host}:${port}/`;
  return { port, endpoint, close, [Symbol.asyncDispose]: close };
}

async function answer(
  plane: DataPlane,
  units: RequestUnits | undefined,
  key: Buffer,
  message: IncomingMessage,
): Promise<Answer> {
  const url = new URL(message.url ?? '/', 'http://local');
  if (url.pathname === '/health') return { status: 200, body: '{"status":"ok"}' };
  const body = await readBody(message, MAX_ITEM_BYTES);
  const request: CosmosRequest = {
    method: message.method ?? 'GET',
    segments: segmentsOf(url.pathname),
    headers: message.headers,
    body: body ?? '',
    baseUrl: `http://${message.headers.host ?? 'localhost'}/`,
  };
  authorize(key, request.method, signedSegments(request.segments), {
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

/** An operation of a container is signed as the container. */
const signedSegments = (segments: readonly string[]): readonly string[] =>
  segments[4] === 'operations' ? segments.slice(0, 4) : segments;

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
