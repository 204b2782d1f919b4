import { DependencyUnavailable } from '@headroom/ports';

/** The namespace answered and said no: unknown entity, no right to use it, too large a message. Asking again is no use. */
export class EntityRefused extends Error {
  override readonly name = 'EntityRefused';
  /** Queue, topic or `topic/subscription`. */
  readonly entity: string;
  /** The SDK's code. */
  readonly code: string;

  constructor(entity: string, code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.entity = entity;
    this.code = code;
  }
}

const adviceByCode: Readonly<Record<string, string>> = {
  MessagingEntityNotFound: 'it does not exist: create it, or mend the name in the configuration',
  MessagingEntityDisabled: 'it is disabled: enable it in the portal',
  UnauthorizedAccess: 'access was refused: check the key, or the role assignment of the identity',
  AuthenticationError: 'no token was given: check the identity that this process runs as',
  AggregateAuthenticationError: 'no token was given: check the identity that this process runs as',
  CredentialUnavailableError: 'no credential was found: sign in, or give a connection string',
  MessageSizeExceeded: 'a message is larger than it accepts: send a smaller one',
};

/** The SDK's codes for a lock that has ended: the message comes again by itself. */
const lockLostCodes: ReadonlySet<string> = new Set(['MessageLockLost', 'MessageNotFound']);

/** The names under which AMQP's errors come out of the SDK, translated or not. */
const brokerErrors: ReadonlySet<string> = new Set(['ServiceBusError', 'MessagingError']);

/** What the rest of the system sees of an error of the SDK. Errors of no known kind pass unchanged. */
export function entityError(error: unknown, entity: string): Error {
  const last = lastAttempt(error);
  const code = codeOf(last);
  const advice = code === undefined ? undefined : adviceByCode[code];
  if (code !== undefined && advice !== undefined) {
    return new EntityRefused(entity, code, `'${entity}' cannot be used: ${advice}`, error);
  }
  if (last instanceof Error && (brokerErrors.has(last.name) || isLostLink(last))) {
    const what = `'${entity}' does not answer (${code ?? 'no code'}): ${last.message}`;
    return new DependencyUnavailable('service-bus', what, { cause: error });
  }
  return last instanceof Error ? last : new Error(String(last), { cause: error });
}

export function isLockLost(error: unknown): boolean {
  return lockLostCodes.has(codeOf(lastAttempt(error)) ?? '');
}

/** A connection that was lost while the SDK was about to use it: a plain error, which it does not try again after. */
function isLostLink({ message }: Error): boolean {
  return message.includes('the CBS link does not exist');
}

/** The SDK collects its attempts in an AggregateError; the last says how it ended. */
function lastAttempt(error: unknown): unknown {
  let last = error;
  while (last instanceof AggregateError && last.errors.length > 0) last = last.errors.at(-1);
  return last;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (brokerErrors.has(error.name) && 'code' in error) {
    return typeof error.code === 'string' ? error.code : undefined;
  }
  return error.name in adviceByCode ? error.name : undefined;
}
