import type { IncomingMessage } from 'node:http';
import { armAudiences } from '../identity/audiences.ts';
import type { Authority } from '../identity/authority.ts';
import { sameSecret } from '../identity/secrets.ts';
import type { TokenCheck } from '../identity/token-check.ts';
import { TokenRefused } from '../identity/token-check.ts';
import { ArmError } from './errors.ts';
import type { ArmRequest } from './request.ts';

/** Who is let in, and the place to sign in, which shares the port. */
export interface ArmAccess {
  readonly authority: Authority;
  readonly tokens: TokenCheck;
  /** One that is let in though nobody signed it; absent where local authentication is disabled. */
  readonly staticToken?: string | undefined;
  /** One that may read only, as somebody who is Reader and Monitoring Reader. */
  readonly readerToken?: string | undefined;
}

export type Role = 'owner' | 'reader';

/** Who asks. Throws 401 unless the request holds a good bearer token. */
export async function authorize(access: ArmAccess, message: IncomingMessage): Promise<Role> {
  const token = /^Bearer (.+)$/i.exec(message.headers.authorization ?? '')?.[1];
  if (token === undefined) throw refused('The header authorization holds no bearer token.');
  // A signed token has two dots; the static one has none.
  if (token.includes('.')) {
    await checkToken(access.tokens, token, message.socket.localPort);
    return 'owner';
  }
  if (access.staticToken === undefined) throw refused(DISABLED);
  if (access.readerToken !== undefined && sameSecret(token, access.readerToken)) return 'reader';
  if (!sameSecret(token, access.staticToken)) throw refused(WRONG_TOKEN);
  return 'owner';
}

/** Throws 403 where a reader asks for more than reading; the batch of metrics is read by a POST. */
export function checkRights(role: Role, { method, segments }: ArmRequest): void {
  const path = `/${segments.join('/')}`;
  const reads = method === 'GET' || method === 'HEAD' || path.endsWith('/metrics:getBatch');
  if (role === 'owner' || reads) return;
  const message = `The client does not have authorization to perform ${method} over scope '${path}': its token may read only.`;
  throw new ArmError(403, 'AuthorizationFailed', message);
}

async function checkToken(
  tokens: TokenCheck,
  token: string,
  port: number | undefined,
): Promise<void> {
  try {
    await tokens.expiryOf(token, armAudiences(port));
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error;
    const code =
      error.reason === 'expired' ? 'ExpiredAuthenticationToken' : 'InvalidAuthenticationToken';
    throw refused(error.message, error.reason === 'audience' ? `${code}Audience` : code);
  }
}

const DISABLED =
  'Local authentication is disabled: only tokens of the local authority are let in. Leave ARM_TOKEN ' +
  'out and sign in with DefaultAzureCredential or az login.';
const WRONG_TOKEN =
  'The bearer token is not the one of this server: see ARM_TOKEN in env.json, or sign in.';

function refused(message: string, code = 'AuthenticationFailed'): ArmError {
  return new ArmError(401, code, message);
}
