import type { IncomingHttpHeaders } from 'node:http';
import { failed, ok } from '@headroom/core';
import type { Result } from '@headroom/core';
import { askedTokens } from '@headroom/http-proxy';
import type { CallBody } from '@headroom/http-proxy';
import type { TokenAmount } from '@headroom/limiter';
import type { Refusal } from './refusal.ts';

/** What a call asks of a model, as far as its limits need it. */
export interface ModelCall {
  readonly deployment?: string;
  /** The most that it can take; absent: it is not text, and nobody can tell. */
  readonly tokens?: TokenAmount;
}

/** Where a call to a model names its deployment. */
export type ModelRoute =
  { readonly kind: 'path'; readonly deployment: string } | { readonly kind: 'body' };

/** Only noise has more than a token in so many bytes of JSON: text has one in three to four. */
const bytesPerToken = 2;
/** What models answer at most where a call does not say how much. */
const answerTokens = 4_096;

const namesModelInBody =
  /^\/(?:openai\/v1\/|openai\/responses$|models\/(?:chat\/completions|embeddings)$)/i;

/** `undefined`: the path leads to no model. */
export function modelRoute(path: string): ModelRoute | undefined {
  const deployment = /^\/openai\/deployments\/([^/]+)\//i.exec(path)?.[1];
  if (deployment !== undefined) return { kind: 'path', deployment };
  return namesModelInBody.test(path) ? { kind: 'body' } : undefined;
}

/** Reads it in the beginning of the body. A call whose limits cannot be told is refused: it would pass them all. */
export function modelCall(
  route: ModelRoute,
  path: string,
  headers: IncomingHttpHeaders,
  body: CallBody,
): Result<ModelCall, Refusal> {
  const named = route.kind === 'path' ? { deployment: route.deployment } : {};
  if (body.kind === 'none' || isForm(headers)) return ok(named);
  const bytes = bytesOf(body);
  if (bytes === undefined)
    return refused(411, 'A long body must say its length: send Content-Length.');
  const asked = askedTokens(body.kind === 'whole' ? body.bytes : body.prefix);
  const deployment = route.kind === 'path' ? route.deployment : asked.model;
  if (deployment === undefined && body.kind === 'streamed') {
    return refused(400, 'A long body must name its model at its beginning: put "model" first.');
  }
  const output = /\/embeddings\/?$/i.test(path)
    ? 0
    : (asked.completionMax ?? answerTokens) * asked.answers;
  const tokens = { input: Math.ceil(bytes / bytesPerToken), output };
  return ok({ ...(deployment === undefined ? {} : { deployment }), tokens });
}

/** Files and pictures come as forms. Whatever else a client says that its body is, a model reads JSON. */
function isForm(headers: IncomingHttpHeaders): boolean {
  return /^multipart\/form-data\b/i.test(headers['content-type'] ?? '');
}

function bytesOf(body: Exclude<CallBody, { kind: 'none' }>): number | undefined {
  return body.kind === 'whole' ? body.bytes.length : body.announced;
}

function refused(status: number, message: string): Result<ModelCall, Refusal> {
  return failed({ status, message });
}
