import type { IncomingMessage } from 'node:http';
import type { Access, Grant } from '../config/management.ts';
import type { PrincipalOf } from '../door/entra.ts';
import { ArmError, unavailable } from './arm-error.ts';

/** Who asks, by its token. */
export interface Requester {
  /** The object id of its principal. */
  readonly id: string;
  /** Absent: nobody granted it anything. */
  readonly access?: Access;
}

export interface AuthorizationOptions {
  readonly principalOf: PrincipalOf;
  readonly grants: readonly Grant[];
  /** Where a client without a token may get one. */
  readonly loginUrl: string;
}

const tokenLengthMax = 16_384;

/** Whose token a request holds. Throws `ArmError`: 401 without a good one, 503 when it cannot be checked. */
export async function requesterOf(
  { headers }: IncomingMessage,
  { principalOf, grants, loginUrl }: AuthorizationOptions,
): Promise<Requester> {
  const token = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) {
    const message = "Authentication failed. The 'Authorization' header holds no bearer token.";
    throw unauthenticated('AuthenticationFailed', message, loginUrl);
  }
  if (token.length > tokenLengthMax) throw invalid('The token is too long.', loginUrl);
  const found = await principalOf(token);
  switch (found.kind) {
    case 'principal': {
      const access = accessOf(found.id, found.roles, grants);
      return { id: found.id, ...(access === undefined ? {} : { access }) };
    }
    case 'unknown':
      throw invalid(found.message, loginUrl);
    case 'away':
      throw unavailable('Tokens cannot be checked at the moment.');
  }
}

/** Throws `ArmError` 403 where that is more than the requester may. */
export function requireAccess({ id, access }: Requester, needed: Access): void {
  if (access === 'write' || access === needed) return;
  const message = `The principal '${id}' does not have authorization to ${needed} here: GATEWAY_MANAGEMENT_GRANTS of this gateway grants it.`;
  throw new ArmError(403, 'AuthorizationFailed', message);
}

function accessOf(
  id: string,
  roles: readonly string[],
  grants: readonly Grant[],
): Access | undefined {
  const granted = grants
    .filter((grant) =>
      'principal' in grant ? grant.principal === id : roles.includes(grant.appRole),
    )
    .map(({ access }) => access);
  return granted.includes('write') ? 'write' : granted[0];
}

function invalid(message: string, loginUrl: string): ArmError {
  return unauthenticated('InvalidAuthenticationToken', message, loginUrl);
}

function unauthenticated(code: string, message: string, loginUrl: string): ArmError {
  const challenge = `Bearer authorization_uri="${loginUrl}", error="invalid_token"`;
  return new ArmError(401, code, message, { headers: { 'www-authenticate': challenge } });
}
