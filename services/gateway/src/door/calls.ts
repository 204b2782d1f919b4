import type { IncomingMessage, ServerResponse } from 'node:http';
import { failed, ok } from '@headroom/core';
import type { Instant, Result, TargetId } from '@headroom/core';
import { BodyRefused, callBody } from '@headroom/http-proxy';
import type { BodyLimits, CallBody, Exchange } from '@headroom/http-proxy';
import type { Admission, Call, Limiter, Ticket } from '@headroom/limiter';
import { askedOf } from './asked.ts';
import type { Asked } from './asked.ts';
import type { Identify } from './callers.ts';
import { modelCall } from './model-call.ts';
import type { ModelCall } from './model-call.ts';
import { blockedRefusal, rateHeaders } from './rate-headers.ts';
import { refuse } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import type { Routed, RouteOf } from './routes.ts';
import type { AnswerCall } from './server.ts';
import { settlement, statusWithoutAnswer } from './settlement.ts';

export interface CallsOptions {
  readonly routeOf: RouteOf;
  readonly identify: Identify;
  readonly limiter: Pick<Limiter, 'admit'>;
  /** Whether an account's limits are known. */
  readonly isReady: (account: TargetId) => boolean;
  readonly now: () => Instant;
  /** How clients call this gateway; absent: under whatever host they name. */
  readonly url?: string;
  readonly bodyLimits?: BodyLimits;
  readonly events: CallEvents;
}

type Blocked = Extract<Admission, { kind: 'blocked' }>;

export interface CallEvents {
  /** Answered here, before any call to a backend. */
  refused(status: number): void;
  /** Over a limit; told as refused, too. */
  blocked(account: TargetId, by: Pick<Blocked, 'by' | 'key'>): void;
  /** A backend did not answer to the end, and not because its client left. */
  backendFailed(account: TargetId, exchange: Exchange): void;
  failed(error: unknown): void;
}

export const bodyLimits: BodyLimits = {
  prefixBytes: 65_536,
  bodyBytes: 512 * 1_048_576,
  idleMs: 10_000,
};

/** A call that is known in all that its limits need. */
interface Known extends Routed, Pick<Asked, 'method' | 'headers'> {
  readonly caller: string;
  readonly body: CallBody;
  readonly model?: ModelCall;
}

/** One request and its answer. */
interface Exchanged {
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
}

/**
 * Answers calls: who calls, where to, within which limits; then the backend's answer, streamed.
 *
 *   read ─► identified ─► body begun ─► admitted ─► forwarded ─► settled
 *     └──────────┴────────────┴────────────┴► refused, without any call to the backend
 */
export function answering(options: CallsOptions): AnswerCall {
  return async (request, answer) => {
    const exchanged = { request, answer };
    try {
      const known = await knownCall(options, exchanged);
      if (known.ok) await admitAndForward(options, known.value, exchanged);
      else refuseHere(options, answer, known.error);
    } catch (error) {
      if (!(error instanceof BodyRefused)) options.events.failed(error);
      refuseHere(options, answer, error instanceof BodyRefused ? error : broken);
    }
  };
}

const broken: Refusal = { status: 500, message: 'The gateway failed at this call.' };

function refuseHere({ events }: CallsOptions, answer: ServerResponse, refusal: Refusal): void {
  events.refused(refusal.status);
  refuse(answer, refusal);
}

async function knownCall(
  options: CallsOptions,
  exchanged: Exchanged,
): Promise<Result<Known, Refusal>> {
  const read = askedOf(exchanged.request, options.routeOf);
  if (!read.ok) return read;
  const { model: modelRoute, routed, ...asked } = read.value;
  const caller = await callerOf(options, exchanged.request);
  if (!caller.ok) return caller;
  if (routed === undefined) return refused(404, 'No account is served under this path.');
  const body = await bodyOf(options, exchanged, modelRoute !== undefined);
  const known = { ...asked, ...routed, caller: caller.value, body };
  if (modelRoute === undefined) return ok(known);
  const model = modelCall(modelRoute, routed.path, exchanged.request.headers, body);
  return model.ok ? ok({ ...known, model: model.value }) : model;
}

const soon = { 'retry-after': '1', 'retry-after-ms': '1000' };
const notReady: Refusal = {
  status: 503,
  message: 'The limits of this resource are not known yet.',
  headers: soon,
};

async function callerOf(
  { identify }: CallsOptions,
  { headers }: IncomingMessage,
): Promise<Result<string, Refusal>> {
  const who = await identify(headers);
  switch (who.kind) {
    case 'caller':
      return ok(who.name);
    case 'unknown':
      return refused(401, who.message, { 'www-authenticate': 'Bearer' });
    case 'away':
      return refused(503, 'Tokens cannot be checked at the moment.', soon);
  }
}

function refused(status: number, message: string, headers: Refusal['headers'] = {}) {
  return failed<Refusal>({ status, message, headers });
}

/** A long body that nobody reads here is not asked for before the call is admitted. */
function bodyOf(
  { bodyLimits: limits = bodyLimits }: CallsOptions,
  { request, answer }: Exchanged,
  isWanted: boolean,
): Promise<CallBody> {
  // Chunks may be of any length.
  const length = Number(request.headers['content-length'] ?? limits.bodyBytes);
  const isRead = length <= (isWanted ? limits.bodyBytes : limits.prefixBytes);
  if (isAwaited(request) && isRead) answer.writeContinue();
  return callBody(request, limits, isWanted);
}

/** The client waits for a word before it sends its body. */
function isAwaited({ headers }: IncomingMessage): boolean {
  return headers.expect !== undefined;
}

async function admitAndForward(
  options: CallsOptions,
  known: Known,
  exchanged: Exchanged,
): Promise<void> {
  // A client that left meanwhile takes nobody's place.
  if (exchanged.answer.destroyed) return;
  if (!options.isReady(known.route.account)) {
    refuseHere(options, exchanged.answer, notReady);
    return;
  }
  const admission = options.limiter.admit(callOf(known), options.now());
  switch (admission.kind) {
    case 'blocked':
      options.events.blocked(known.route.account, admission);
      refuseHere(options, exchanged.answer, blockedRefusal(admission));
      return;
    case 'admitted': {
      const headers = rateHeaders(admission.standing);
      await forward(options, known, { ...exchanged, ticket: admission.ticket, headers });
    }
  }
}

function callOf({ route, method, path, caller, model }: Known): Call {
  return { account: route.account, method, path, caller, ...model };
}

interface Admitted extends Exchanged {
  readonly ticket: Ticket;
  /** How the limits stand, for the client. */
  readonly headers: NonNullable<Refusal['headers']>;
}

async function forward(options: CallsOptions, known: Known, admitted: Admitted): Promise<void> {
  const { request, answer, ticket, headers } = admitted;
  const { route, method, sent, body, model } = known;
  if (body.kind === 'streamed' && model === undefined && isAwaited(request)) answer.writeContinue();
  const exchange = await route.backend.forward(
    {
      ...{ method, body, path: sent, headers: known.headers },
      readsUsage: model?.tokens !== undefined,
      gatewayAddress: addressOf(options, request) + route.path,
      answerHeaders: headers,
    },
    answer,
  );
  const now = options.now();
  const call = { method, wasSent: request.complete, ...(model === undefined ? {} : { model }) };
  ticket.settle(settlement(call, exchange, now), now);
  if (exchange.end === 'complete' || exchange.end === 'clientGone') return;
  const { cause } = exchange;
  if (cause instanceof BodyRefused) {
    refuseHere(options, answer, cause);
    return;
  }
  options.events.backendFailed(route.account, exchange);
  const message = 'The backend of this resource did not answer.';
  refuse(answer, { status: statusWithoutAnswer(exchange), message, headers });
}

const hostPattern = /^(?:[\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?$/i;

function addressOf({ url }: CallsOptions, { headers }: IncomingMessage): string {
  if (url !== undefined) return url;
  const { host = '' } = headers;
  return hostPattern.test(host) ? `http://${host}` : '';
}
