import { ProviderUnavailable } from '@headroom/ports';
import type { ProviderRefusal } from '@headroom/ports';

/**
 * What an error of the SDK means. ARM names errors by HTTP status and code; the text is for people and never decides.
 *
 *   quota or capacity code, any status        refused (QuotaExceeded, CapacityUnavailable)
 *   404                                       notFound
 *   409, AnotherOperationInProgress           busy: what holds deployments takes one operation at a time
 *   401, 408, 429, 5xx, no answer, no token   unavailable: asked again later
 *   403 and any other 4xx                     refused (Rejected)
 *   no status, but an operation's error       refused (Failed)
 */
export type Classified =
  | { readonly kind: 'busy'; readonly detail: string; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'notFound'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly error: ProviderUnavailable }
  | ProviderRefusal;

/** What the SDK last heard from ARM, for errors that carry no answer of their own. */
export interface Answer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: unknown;
}

export function classify(error: unknown, last?: Answer): Classified {
  const status = numberOf(error, 'statusCode');
  if (status === undefined) return withoutStatus(error, last);
  const { code, message } = armErrorOf(memberOf(error, 'details'), error);
  const detail = `${message} (HTTP ${status})`;
  const outcome = outcomesByCode.get(code.toLowerCase());
  if (outcome !== undefined) return { kind: 'refused', outcome, code, detail };
  if (status === 404) return { kind: 'notFound', detail };
  if (status === 409 || code.toLowerCase() === operationInProgress)
    return { kind: 'busy', detail, retryAfterMs: last?.retryAfterMs };
  if (isPassing(status)) return unavailable(`${code}: ${detail}`, error, last?.retryAfterMs);
  return { kind: 'refused', outcome: 'Rejected', code, detail };
}

/** The end of an operation that failed, by the error in its status document. */
export function failureOf(body: unknown): ProviderRefusal {
  const { code, message } = armErrorOf(body, undefined);
  const outcome = outcomesByCode.get(code.toLowerCase()) ?? 'Failed';
  return { kind: 'refused', outcome, code, detail: message };
}

const operationInProgress = 'anotheroperationinprogress';

const outcomesByCode: ReadonlyMap<string, ProviderRefusal['outcome']> = new Map([
  ['outofquota', 'QuotaExceeded'],
  ['quotaexceeded', 'QuotaExceeded'],
  ['insufficientquota', 'QuotaExceeded'],
  ['outofcapacity', 'CapacityUnavailable'],
  ['insufficientcapacity', 'CapacityUnavailable'],
  ['skunotavailable', 'CapacityUnavailable'],
  ['allocationfailed', 'CapacityUnavailable'],
  ['zonalallocationfailed', 'CapacityUnavailable'],
  ['overconstrainedallocationrequest', 'CapacityUnavailable'],
  ['overconstrainedzonalallocationrequest', 'CapacityUnavailable'],
]);

function isPassing(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}

/** No answer at all, or an operation whose status says that it failed: the SDK throws a bare error for the latter. */
function withoutStatus(error: unknown, last: Answer | undefined): Classified {
  const state = textOf(last?.body, 'status')?.toLowerCase();
  if (state === 'failed' || state === 'canceled') return failureOf(last?.body);
  const name = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return unavailable(name, error, undefined);
}

function unavailable(what: string, cause: unknown, retryAfterMs: number | undefined): Classified {
  const message = `Azure Resource Manager does not answer as it should. ${what}`;
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  const error = new ProviderUnavailable('Azure Resource Manager', message, { cause, ...later });
  return { kind: 'unavailable', error };
}

/** `{error: {code, message}}`, as ARM has it, or what the SDK made of it. */
function armErrorOf(body: unknown, error: unknown): { code: string; message: string } {
  const inner = memberOf(body, 'error') ?? body;
  return {
    code: textOf(inner, 'code') ?? textOf(error, 'code') ?? 'Unknown',
    message: textOf(inner, 'message') ?? textOf(error, 'message') ?? 'no reason was given',
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textOf(value: unknown, name: string): string | undefined {
  const member = memberOf(value, name);
  return typeof member === 'string' && member !== '' ? member : undefined;
}

function numberOf(value: unknown, name: string): number | undefined {
  const member = memberOf(value, name);
  return typeof member === 'number' ? member : undefined;
}
