import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Answer } from '../http.ts';
import type { Sync } from '../folder/database.ts';
import type { FailureListener } from '../http.ts';
import { baseUrlOf, closeServer, listen, listener, pathOf, readBody } from '../http.ts';
import { Sqlite } from '../sqlite.ts';
import type { Certificates } from '../tls/certificates.ts';
import { serveTlsToo } from '../tls/first-byte.ts';
import type { ArmAccess } from './authorization.ts';
import { authorize, checkRights } from './authorization.ts';
import { Azure } from './azure.ts';
import { ArmError } from './errors.ts';
import type { ArmControl } from './faults/control.ts';
import type { Fault } from './faults/faults.ts';
import type { ArmRequest } from './request.ts';
import { parseTarget } from './request.ts';

export interface ArmOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly access: ArmAccess;
  readonly dataFile: string;
  /** What an answered write survives: the death of the process unless given. */
  readonly sync?: Sync | undefined;
  readonly certificates: Certificates;
  readonly provisioningMs: number;
  /** Of a subscription in a region. */
  readonly quotaCores?: number | undefined;
  /** Listed from the start; any other is made by its first resource. */
  readonly subscriptions?: readonly string[] | undefined;
  /** How many resources a page of a list holds. */
  readonly pageSize?: number | undefined;
  readonly clock?: () => number;
  readonly onFailure?: FailureListener | undefined;
  readonly onRequest?: RequestWitness | undefined;
}

/** Told of every request, before it is looked at: also of those for tokens, and of those that are refused. */
export type RequestWitness = (request: { method: string; path: string }) => void;

export interface ArmServer extends AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  /** Path of the certificate that clients have to trust. */
  readonly caFile: string;
  /** For tests. */
  readonly control: ArmControl;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const DEFAULT_PAGE_SIZE = 100;
const DEFAULT_SUBSCRIPTION = '00000000-0000-4000-8000-000000000001';
/** Who the activity log names as the caller. */
const CALLER = 'local';

/**
 * Serves Azure Resource Manager and Azure Monitor over HTTPS. What is answered is committed to the
 * data file before.
 */
export async function startArm(options: ArmOptions): Promise<ArmServer> {
  const { provisioningMs, quotaCores, clock = Date.now } = options;
  const sqlite = new Sqlite(options.dataFile, '', {
    sync: options.sync,
    onDamage: options.onFailure,
  });
  const azure = new Azure({
    sqlite,
    clock,
    provisioningMs,
    quotaCores,
    subscriptions: options.subscriptions ?? [DEFAULT_SUBSCRIPTION],
    pageSize: options.pageSize ?? DEFAULT_PAGE_SIZE,
  });
  const server = createServer(
    listener(
      (message) => {
        options.onRequest?.({ method: message.method ?? 'GET', path: pathOf(message) });
        return answer(azure, options.access, message);
      },
      (error) => errorAnswer(error, options.onFailure),
    ),
  );
  const sockets = serveTlsToo(server, options.certificates);
  const port = await listen(server, options.host, options.port).catch((error: unknown) => {
    sqlite.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await closeServer(server, sockets);
    sqlite.close();
  };
  return {
    port,
    endpoint: `https://${options.host}:${port}`,
    caFile: options.certificates.caFile,
    control: azure.control,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(azure: Azure, access: ArmAccess, message: IncomingMessage): Promise<Answer> {
  const { authority } = access;
  if (!(message.socket instanceof TLSSocket)) return authority.answerPlain(message);
  const signIn = await authority.answer(message);
  if (signIn !== undefined) return signIn;
  const body = await readBody(message, MAX_BODY_BYTES);
  const role = await authorize(access, message);
  if (body === undefined) {
    throw new ArmError(
      413,
      'RequestContentTooLarge',
      `The request is above ${MAX_BODY_BYTES} bytes.`,
    );
  }
  const request = requestOf(message, body);
  checkRights(role, request);
  // Faults spare the switches: a test could not clear them.
  const path = `/${request.segments.join('/')}`;
  if (!path.startsWith('/local/')) await meet(azure.faults.take(request.method, path));
  const { status, headers, body: text } = azure.answer(request);
  const ids = {
    'x-ms-request-id': randomUUID(),
    'x-ms-correlation-request-id': request.correlationId,
  };
  return { status, headers: { ...ids, ...headers }, ...(text === undefined ? {} : { body: text }) };
}

function requestOf(message: IncomingMessage, body: string): ArmRequest {
  const target = parseTarget(message.url ?? '/');
  return {
    method: message.method ?? 'GET',
    ...target,
    apiVersion: target.query.get('api-version') ?? '',
    body,
    baseUrl: baseUrlOf(message),
    caller: CALLER,
    correlationId: correlationIdOf(message),
  };
}

function correlationIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-ms-correlation-request-id'] ?? headers['x-ms-client-request-id'];
  return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
}

/** The fault's pause, and its error where it has one. */
async function meet(fault: Fault | undefined): Promise<void> {
  if (fault === undefined) return;
  if (fault.delayMs !== undefined) await pause(fault.delayMs);
  const { status, retryAfterSeconds } = fault;
  if (status === undefined) return;
  const code = fault.code ?? (status === 429 ? 'TooManyRequests' : 'ServiceUnavailable');
  const headers =
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  throw new ArmError(status, code, fault.message ?? 'A fault that was asked for.', headers);
}

function errorAnswer(error: unknown, onFailure: FailureListener | undefined): Answer {
  if (!(error instanceof ArmError)) onFailure?.(error);
  const known =
    error instanceof ArmError
      ? error
      : new ArmError(500, 'InternalServerError', `The embedded Azure failed: ${String(error)}`);
  const { code, message, status, headers } = known;
  return {
    status,
    headers: { 'x-ms-error-code': code, ...headers },
    body: JSON.stringify({ error: { code, message } }),
  };
}
