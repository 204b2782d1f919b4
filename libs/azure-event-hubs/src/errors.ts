import { MessagingError } from '@azure/event-hubs';
import { DependencyUnavailable } from '@headroom/ports';

/** The namespace answered and said no: unknown hub, no right to use it, too large a message. Asking again is no use. */
export class HubRefused extends Error {
  override readonly name = 'HubRefused';
  readonly hub: string;
  /** The SDK's code. */
  readonly code: string;

  constructor(hub: string, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.hub = hub;
    this.code = code;
  }
}

/** The log's layout depends on its partition count: going on would send a target's events to another fold. */
export class PartitionCountMismatch extends Error {
  override readonly name = 'PartitionCountMismatch';
  readonly hub: string;
  readonly expected: number;
  readonly found: number;

  constructor(hub: string, expected: number, found: number) {
    super(
      `event hub '${hub}' has ${found} partitions and ${expected} are expected; the count is fixed for the ` +
        `log's life: make a new hub with ${expected} partitions, or point Headroom at the hub that has them`,
    );
    this.hub = hub;
    this.expected = expected;
    this.found = found;
  }
}

/** Another member owns the partition now. Plain, without the SDK's `retryable`: it closes the pump. */
export class PartitionLost extends Error {
  override readonly name = 'PartitionLost';
}

const adviceByCode: Readonly<Record<string, string>> = {
  MessagingEntityNotFoundError:
    'it does not exist: create it, or mend the name in the configuration',
  MessagingEntityDisabledError: 'it is disabled: enable it in the portal',
  UnauthorizedError: 'access was refused: check the key, or the role assignment of the identity',
  AuthenticationError: 'no token was given: check the identity that this process runs as',
  AggregateAuthenticationError: 'no token was given: check the identity that this process runs as',
  CredentialUnavailableError: 'no credential was found: sign in, or give a connection string',
  MessageTooLargeError: 'a message is larger than the hub accepts: send smaller ones',
};

/** What the rest of the system sees of an error of the SDK. Errors of no known kind pass unchanged. */
export function hubError(error: unknown, hub: string): Error {
  const last = lastAttempt(error);
  const code = codeOf(last);
  const advice = code === undefined ? undefined : adviceByCode[code];
  if (code !== undefined && advice !== undefined) {
    return new HubRefused(hub, code, `event hub '${hub}' cannot be used: ${advice}`, error);
  }
  if (last instanceof MessagingError || isLostLink(last)) {
    const what = `event hub '${hub}' does not answer (${code ?? 'no code'}): ${last.message}`;
    return new DependencyUnavailable('event-hubs', what, { cause: error });
  }
  return last instanceof Error ? last : new Error(String(last), { cause: error });
}

/** Whether the SDK goes on with the partition by itself after this error; otherwise its pump closes. */
export function isRetriedBySdk(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error
    ? error.retryable === true
    : false;
}

/** The broker gave the partition's link to another reader. */
export function isStolen(error: unknown): boolean {
  return codeOf(lastAttempt(error)) === 'ReceiverDisconnectedError';
}

/** A connection that was lost while the SDK was about to use it: a plain error, which it does not try again after. */
function isLostLink(error: unknown): error is Error {
  return error instanceof Error && error.message.includes('the CBS link does not exist');
}

/** The SDK collects its attempts in an AggregateError, at times in each other; the last says how it ended. */
function lastAttempt(error: unknown): unknown {
  let last = error;
  while (last instanceof AggregateError && last.errors.length > 0) last = last.errors.at(-1);
  return last;
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof MessagingError) return error.code;
  return error instanceof Error && error.name in adviceByCode ? error.name : undefined;
}
