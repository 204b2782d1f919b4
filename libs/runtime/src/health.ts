import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { listen } from './listen.ts';
import type { EventLog } from './log.ts';
import { redact } from './redact.ts';

/** What one part of the process says about itself. Other fields are shown as they are. */
export interface HealthReport {
  readonly ready: boolean;
  readonly [field: string]: unknown;
}

/** Asked at each request: must answer from memory. */
export type HealthChecks = Readonly<Record<string, () => HealthReport>>;

export interface HealthOptions {
  /** 0 takes a free port; the log line `health.listening` says which. */
  readonly port: number;
  /** Loopback unless given. */
  readonly host?: string;
  readonly log: EventLog;
  readonly counters?: () => Readonly<Record<string, number>>;
}

export interface Health extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
}

/** The event under which a process says where its health page is: the supervisor looks for it. */
export const healthListening = 'health.listening';

/** A health page is asked by a supervisor or an orchestrator: small requests, few at a time. */
const connectionsMax = 32;
const headerBytesMax = 8_192;
const requestLimitMs = 5_000;
const keepAliveMs = 1_000;

/**
 * Serves `GET /health/live` (200 while the process answers), `GET /health/ready` (200 when every
 * check is ready, else 503) and `GET /health` (both, with counters), all JSON.
 */
export async function startHealth(options: HealthOptions, checks: HealthChecks): Promise<Health> {
  const server = createServer(
    {
      maxHeaderSize: headerBytesMax,
      requestTimeout: requestLimitMs,
      headersTimeout: requestLimitMs,
      keepAliveTimeout: keepAliveMs,
    },
    (request, response) => {
      answer(request, response, options, checks);
    },
  );
  server.maxConnections = connectionsMax;
  const host = options.host ?? '127.0.0.1';
  const place = { host, port: options.port };
  const url = await listen(server, place, { what: 'The health page', portVariable: 'HEALTH_PORT' });
  options.log.info(healthListening, { url });
  return { url, [Symbol.asyncDispose]: () => close(server) };
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthOptions,
  checks: HealthChecks,
): void {
  const { status, body } = answerTo(request, options, checks);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    // A body that nobody asked for is not read: the connection ends with the answer.
    ...(request.method === 'GET' || request.method === 'HEAD' ? {} : { connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(redact(body))}\n`);
}

function answerTo(request: IncomingMessage, options: HealthOptions, checks: HealthChecks): Answer {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, body: { error: 'only GET is answered here' } };
  }
  switch (request.url?.split('?')[0]) {
    case '/health/live':
      return { status: 200, body: { status: 'live' } };
    case '/health/ready':
      return readiness(checks);
    case '/health':
      return { status: 200, body: { ...readiness(checks).body, ...standing(options) } };
    default:
      return { status: 404, body: { error: 'ask /health/live, /health/ready or /health' } };
  }
}

function readiness(checks: HealthChecks): Answer {
  const reports = Object.fromEntries(
    Object.entries(checks).map(([name, check]) => [name, reportOf(check)]),
  );
  const ready = Object.values(reports).every((report) => report.ready);
  const status = ready ? 'ready' : 'notReady';
  return { status: ready ? 200 : 503, body: { status, checks: reports } };
}

/** A check that fails is a part that is not ready, not a page that is not served. */
function reportOf(check: () => HealthReport): HealthReport {
  try {
    return check();
  } catch (error) {
    return { ready: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

function standing(options: HealthOptions): object {
  return {
    pid: process.pid,
    uptimeS: Math.round(process.uptime()),
    memoryMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    counters: options.counters?.() ?? {},
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
