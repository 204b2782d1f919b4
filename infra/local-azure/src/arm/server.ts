import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Answer } from '../http.ts';
import type { Sync } from '../folder/database.ts';
import type { FailureListener } from '../http.ts';
import { closeServer, listen, listener, readBody } from '../http.ts';
import type { Certificates } from '../tls/certificates.ts';
import { serveTlsToo } from '../tls/first-byte.ts';
import { answerAutoscaleSettings } from './autoscale-settings.ts';
import type { ArmAccess } from './authorization.ts';
import { authorize } from './authorization.ts';
import { Endpoints } from './endpoints.ts';
import { ArmError } from './errors.ts';
import type { MachineLearning } from './machine-learning.ts';
import { answerMachineLearning } from './machine-learning.ts';
import type { ArmRequest } from './request.ts';
import { parsePath } from './request.ts';
import type { OperationError } from './store.ts';
import { ArmStore } from './store.ts';

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
  readonly quotaCores?: number | undefined;
  readonly clock?: () => number;
  readonly onFailure?: FailureListener | undefined;
}

export interface ArmServer extends AsyncDisposable {
  readonly port: number;
  readonly endpoint: string;
  /** Path of the certificate that clients have to trust. */
  readonly caFile: string;
  /** The next operation ends with this error: for tests. */
  failNextOperation(code: string, message: string): void;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Serves Azure Resource Manager over HTTPS: machine learning endpoints and deployments, and Azure
 * Monitor's autoscale settings. What is answered is committed to the data file before.
 */
export async function startArm(options: ArmOptions): Promise<ArmServer> {
  const { provisioningMs, quotaCores, clock = Date.now } = options;
  const store = new ArmStore(options.dataFile, { sync: options.sync, onDamage: options.onFailure });
  const failures: OperationError[] = [];
  const takeFailure = (): OperationError | undefined => failures.shift();
  const endpoints = new Endpoints(store, { clock, provisioningMs, quotaCores, takeFailure });
  const ml: MachineLearning = { store, endpoints, provisioningMs };
  const server = createServer(
    listener(
      (message) => answer(ml, options.access, message),
      (error) => errorAnswer(error, options.onFailure),
    ),
  );
  const sockets = serveTlsToo(server, options.certificates);
  const port = await listen(server, options.host, options.port).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await closeServer(server, sockets);
    store.close();
  };
  return {
    port,
    endpoint: `https://${options.host}:${port}`,
    caFile: options.certificates.caFile,
    failNextOperation: (code, message) => void failures.push({ code, message }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(
  ml: MachineLearning,
  access: ArmAccess,
  message: IncomingMessage,
): Promise<Answer> {
  const { authority } = access;
  if (!(message.socket instanceof TLSSocket)) return authority.answerPlain(message);
  const signIn = await authority.answer(message);
  if (signIn !== undefined) return signIn;
  const body = await readBody(message, MAX_BODY_BYTES);
  await authorize(access, message);
  if (body === undefined) {
    throw new ArmError(
      413,
      'RequestContentTooLarge',
      `The request is above ${MAX_BODY_BYTES} bytes.`,
    );
  }
  const url = new URL(message.url ?? '/', 'https://local');
  const request: ArmRequest = {
    method: message.method ?? 'GET',
    segments: segmentsOf(url.pathname),
    apiVersion: url.searchParams.get('api-version') ?? '',
    body,
    baseUrl: `https://${message.headers.host ?? 'localhost'}`,
  };
  return route(ml, request);
}

function route(ml: MachineLearning, request: ArmRequest): Answer {
  const path = parsePath(request.segments);
  const [first] = path?.rest ?? [];
  if (path?.namespace === 'microsoft.machinelearningservices') {
    return answerMachineLearning(ml, path, request);
  }
  if (path?.namespace === 'microsoft.insights' && first?.toLowerCase() === 'autoscalesettings') {
    return answerAutoscaleSettings(ml.store, path, request);
  }
  const what = `/${request.segments.join('/')}`;
  throw new ArmError(404, 'InvalidResourceNamespace', `The embedded Azure has no ${what}.`);
}

function segmentsOf(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw new ArmError(400, 'BadRequest', `The path ${path} is not URL-encoded.`);
  }
}

function errorAnswer(error: unknown, onFailure: FailureListener | undefined): Answer {
  if (!(error instanceof ArmError)) onFailure?.(error);
  const known =
    error instanceof ArmError
      ? error
      : new ArmError(500, 'InternalServerError', `The embedded Azure failed: ${String(error)}`);
  const { code, message, status } = known;
  return {
    status,
    headers: { 'x-ms-error-code': code },
    body: JSON.stringify({ error: { code, message } }),
  };
}
