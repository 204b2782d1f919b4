import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { Answer } from '../http.ts';
import type { Sync } from '../folder/database.ts';
import type { FailureListener } from '../http.ts';
import { closeServer, listen, listener, readBody } from '../http.ts';
import { answerAutoscaleSettings } from './autoscale-settings.ts';
import { loadCertificates } from './certificates.ts';
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
  /** The bearer token that is let in. */
  readonly token: string;
  readonly dataFile: string;
  /** What an answered write survives: the death of the process unless given. */
  readonly sync?: Sync | undefined;
  /** Where the certificates are kept. */
  readonly certificateFolder: string;
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
  const certificates = await loadCertificates(options.certificateFolder, clock());
  const store = new ArmStore(options.dataFile, { sync: options.sync, onDamage: options.onFailure });
  const failures: OperationError[] = [];
  const takeFailure = (): OperationError | undefined => failures.shift();
  const endpoints = new Endpoints(store, { clock, provisioningMs, quotaCores, takeFailure });
  const ml: MachineLearning = { store, endpoints, provisioningMs };
  const server = createServer(
    { cert: certificates.certificate, key: certificates.privateKey },
    listener(
      (message) => answer(ml, options.token, message),
      (error) => errorAnswer(error, options.onFailure),
    ),
  );
  const port = await listen(server, options.host, options.port).catch((error: unknown) => {
    store.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await closeServer(server);
    store.close();
  };
  return {
    port,
    endpoint: `https://${options.host}:${port}`,
    caFile: certificates.caFile,
    failNextOperation: (code, message) => void failures.push({ code, message }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(
  ml: MachineLearning,
  token: string,
  message: IncomingMessage,
): Promise<Answer> {
  const body = await readBody(message, MAX_BODY_BYTES);
  authorize(token, message.headers.authorization ?? '');
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

/** Digests are compared: they have one length, and the comparison one duration. */
function authorize(token: string, header: string): void {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (timingSafeEqual(digest(header), digest(`Bearer ${token}`))) return;
  const message = 'The bearer token is not the one of this server: see ARM_TOKEN in env.json.';
  throw new ArmError(401, 'AuthenticationFailed', message);
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
