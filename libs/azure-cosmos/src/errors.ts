import { DependencyUnavailable } from '@headroom/ports';

/** What the SDK's errors have in common, as far as it is looked at. */
interface SdkError {
  readonly name?: unknown;
  /** The HTTP status, or the name of a connection's error. */
  readonly code?: unknown;
  readonly substatus?: unknown;
  readonly retryAfterInMs?: unknown;
  readonly message?: unknown;
}

/** Statuses that pass by themselves: timeout, gone (a partition moves), throttled, retry-with, and every 5xx. */
const passing: ReadonlySet<number> = new Set([408, 410, 429, 449]);

/** Substatus of a 404 that says that the container or the database is not there. */
const noContainer = 1003;

/** Cosmos DB answered, and its answer is a final no. */
export class CosmosRefused extends Error {
  override readonly name = 'CosmosRefused';
  readonly status: number;

  constructor(doing: string, status: number, detail: string, cause?: unknown) {
    super(`Cosmos DB refused ${doing} with ${status}: ${detail} ${adviceFor(status)}`, { cause });
    this.status = status;
  }
}

/** The HTTP status of an SDK error; `undefined` where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const { code } = fieldsOf(error);
  return typeof code === 'number' ? code : undefined;
}

export function isMissingContainer(error: unknown): boolean {
  return Number(fieldsOf(error).substatus) === noContainer;
}

/**
 * What to throw for an error of the SDK while `doing` (`reading settings/x`): `DependencyUnavailable` for what passes,
 * `CosmosRefused` for a final no. An error that is not the SDK's own is a programmer's error and stays as it is.
 */
export function failureOf(error: unknown, doing: string): unknown {
  const { name, code, message, retryAfterInMs } = fieldsOf(error);
  const detail = typeof message === 'string' ? firstLine(message) : 'no detail.';
  if (typeof code === 'number' && code < 500 && !passing.has(code)) {
    return new CosmosRefused(doing, code, detail, error);
  }
  const isNamed = typeof code === 'number' || typeof code === 'string';
  if (!isNamed && name !== 'AbortError') return error;
  const reason = isNamed ? String(code) : 'no answer in time';
  const later = typeof retryAfterInMs === 'number' ? { retryAfterMs: retryAfterInMs } : {};
  return new DependencyUnavailable(
    'cosmos',
    `Cosmos DB is not available for ${doing} (${reason}): ${detail}`,
    { cause: error, ...later },
  );
}

function fieldsOf(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? error : {};
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.slice(0, 500) ?? '';
}

function adviceFor(status: number): string {
  switch (status) {
    case 401:
      return 'Check the key, or the role of the identity.';
    case 403:
      return 'Give the identity the role "Cosmos DB Built-in Data Contributor", and check the firewall.';
    case 404:
      return 'Check that the database and its containers were deployed.';
    case 413:
      return 'A document holds at most 2 MB.';
    default:
      return 'Nothing was changed.';
  }
}
