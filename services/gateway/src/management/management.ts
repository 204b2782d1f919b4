import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instant, SettingVersion } from '@headroom/core';
import { BodyRefused } from '@headroom/http-proxy';
import { DependencyUnavailable } from '@headroom/ports';
import type { SettingStore } from '@headroom/ports';
import type { ManagementConfig } from '../config/management.ts';
import type { PrincipalOf } from '../door/entra.ts';
import type { AnswerCall, DoorLimits } from '../door/server.ts';
import { Accounts } from './accounts.ts';
import { ArmError, armErrorBody, unavailable } from './arm-error.ts';
import { armTarget, requireApiVersion } from './arm-request.ts';
import type { ArmTarget } from './arm-request.ts';
import { requireAccess, requesterOf } from './authorization.ts';
import { Directory } from './directory.ts';
import { resourceRoutes } from './resources.ts';
import type { SwitchChange } from './resources.ts';
import { routeOf } from './routes.ts';
import type { ArmAnswer, ArmRoute } from './routes.ts';

export interface ManagementOptions {
  readonly config: Pick<ManagementConfig, 'grants' | 'loginUrl' | 'audience' | 'tokens'>;
  readonly principalOf: PrincipalOf;
  readonly settings: SettingStore;
  readonly now: () => Instant;
  readonly events: ManagementEvents;
}

export interface ManagementEvents {
  /** Who changed what. */
  switched(change: SwitchChange): void;
  /** `by`: the principal, where it is known. */
  managementRefused(refusal: {
    readonly status: number;
    readonly by?: string;
    readonly what: string;
  }): void;
  managementFailed(error: unknown): void;
}

export interface Management {
  readonly answer: AnswerCall;
  /** Is told every setting, then each change. */
  readonly settingsChanged: (versions: readonly SettingVersion[]) => void;
}

/** Nobody needs many connections, or long, to read an account or throw a switch. */
export const managementDoorLimits: DoorLimits = {
  connections: 256,
  headerBytes: 32_768,
  headers: 100,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 60_000,
  lingerMs: 2_000,
};

/**
 * Answers as Azure Resource Manager does, so that what people switch an account with works here: az, the SDKs, REST.
 *
 *   path read ─► token checked ─► route, api-version ─► granted ─► handled
 */
export function createManagement(options: ManagementOptions): Management {
  const { config, settings, now, events } = options;
  const directory = new Directory();
  const [tenantId] =
    /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(config.tokens.issuer) ?? [];
  const routes = resourceRoutes({
    accounts: new Accounts(settings, now),
    directory,
    changed: (change) => events.switched(change),
    ...(tenantId === undefined ? {} : { tenantId }),
  });
  return {
    answer: (request, answer) => answerWith(options, routes, request, answer),
    settingsChanged: directory.settingsChanged,
  };
}

async function answerWith(
  options: ManagementOptions,
  routes: readonly ArmRoute[],
  request: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const exchange: Exchange = { request, answer, requestId: randomUUID() };
  try {
    send(exchange, 200, await answerOf(options, routes, exchange));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal.status === 500) options.events.managementFailed(error);
    const { by } = exchange;
    options.events.managementRefused({
      status: refusal.status,
      what: `${request.method ?? ''} ${(request.url ?? '').split('?', 1)[0] ?? ''}`.slice(0, 300),
      ...(by === undefined ? {} : { by }),
    });
    send(exchange, refusal.status, { body: armErrorBody(refusal), headers: refusal.headers });
  }
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
  readonly requestId: string;
  /** The principal, once it is known. */
  by?: string;
}

async function answerOf(
  options: ManagementOptions,
  routes: readonly ArmRoute[],
  exchange: Exchange,
): Promise<ArmAnswer> {
  const { request, answer, requestId } = exchange;
  const target = armTarget(request);
  if (isEndpoints(target)) return cloudEndpoints(options, request);
  const { principalOf } = options;
  const requester = await requesterOf(request, { principalOf, ...options.config });
  exchange.by = requester.id;
  const { handler, names, access } = routeOf(routes, target, request.method ?? '');
  requireApiVersion(target);
  requireAccess(requester, access);
  return handler({ request, answer, requester, requestId, names });
}

function isEndpoints({ segments }: ArmTarget): boolean {
  return segments.join('/').toLowerCase() === 'metadata/endpoints';
}

/** What `az cloud register` reads, before anybody has signed in. */
function cloudEndpoints({ config }: ManagementOptions, request: IncomingMessage): ArmAnswer {
  if (request.method !== 'GET') {
    throw new ArmError(405, 'MethodNotAllowed', 'There is GET.', { headers: { allow: 'GET' } });
  }
  const host = request.headers.host ?? '';
  if (!/^[\w.-]+(:\d+)?$|^\[[0-9a-f:]+\](:\d+)?$/i.test(host)) {
    throw new ArmError(400, 'BadRequest', 'The host is none that this listener can have.');
  }
  const base = `https://${host}`;
  const authentication = { loginEndpoint: config.loginUrl, audiences: [config.audience] };
  return {
    body: { galleryEndpoint: base, graphEndpoint: base, portalEndpoint: base, authentication },
  };
}

function refusalOf(error: unknown): ArmError {
  if (error instanceof ArmError) return error;
  if (error instanceof BodyRefused)
    return new ArmError(error.status, 'InvalidRequestContent', error.message);
  if (error instanceof DependencyUnavailable) {
    return unavailable('The store of settings does not answer: ask again.', error.retryAfterMs);
  }
  return new ArmError(500, 'InternalServerError', 'The gateway failed at this request.');
}

/** Unless the client has gone, or has been answered. */
function send(
  { request, answer, requestId }: Exchange,
  status: number,
  { body, headers }: ArmAnswer,
): void {
  if (answer.destroyed || answer.headersSent) return;
  const bytes = Buffer.from(JSON.stringify(body));
  answer.writeHead(status, {
    ...headers,
    'x-ms-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
  });
  answer.end(request.method === 'HEAD' ? undefined : bytes);
}
