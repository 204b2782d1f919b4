import type { JWTPayload } from 'jose';
import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { TrustedIssuer } from './issuer.ts';

/** Why a token is not let in. The message never holds the token. */
export class TokenRefused extends Error {
  readonly reason: Refusal;

  constructor(reason: Refusal, message: string) {
    super(message);
    this.name = 'TokenRefused';
    this.reason = reason;
  }
}

export type Refusal =
  | 'malformed'
  | 'algorithm'
  | 'signature'
  | 'issuer'
  | 'tenant'
  | 'audience'
  | 'expired'
  | 'not-yet-valid'
  | 'incomplete';

/** A token is some 1.2 kB; reading stops at this. */
const MAX_TOKEN_CHARS = 16 * 1024;
/** Of a foreign claim, in a message. */
const MAX_SHOWN_CHARS = 200;

/** Checks access tokens of the local issuer for one service. */
export class TokenCheck {
  readonly #trusted: TrustedIssuer;
  readonly #clock: () => number;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;

  constructor(trusted: TrustedIssuer, clock: () => number) {
    this.#trusted = trusted;
    this.#clock = clock;
    this.#keys = createLocalJWKSet(trusted.keys);
  }

  /**
   * Until when (epoch ms) the token is good for one of the audiences, each meant with and without a
   * slash at its end. Throws `TokenRefused`.
   */
  async expiryOf(token: string, audiences: readonly string[]): Promise<number> {
    if (token.length > MAX_TOKEN_CHARS) throw malformed();
    const claims = await this.#verify(token, audiences);
    if (claims['tid'] !== this.#trusted.tenantId) {
      throw new TokenRefused('tenant', `The token is of another tenant ('tid').`);
    }
    return (claims.exp ?? 0) * 1000;
  }

  async #verify(token: string, audiences: readonly string[]): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: ['RS256'],
        issuer: this.#trusted.issuer,
        audience: audiences.flatMap((each) => [each, `${each}/`]),
        requiredClaims: ['exp', 'nbf', 'tid'],
        currentDate: new Date(this.#clock()),
      });
      return payload;
    } catch (error) {
      throw refusal(error, token, audiences);
    }
  }
}

function refusal(error: unknown, token: string, audiences: readonly string[]): TokenRefused {
  if (error instanceof errors.JWTExpired) {
    return new TokenRefused('expired', 'The token has expired: get a new one.');
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimRefusal(error, token, audiences);
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return new TokenRefused('algorithm', 'The token is not signed with RS256 by the local issuer.');
  }
  const unknownKey = error instanceof errors.JWKSNoMatchingKey;
  if (unknownKey || error instanceof errors.JWSSignatureVerificationFailed) {
    const message =
      'The token is not signed with the key of this embedded Azure: sign in with its own authority ' +
      '(AZURE_AUTHORITY_HOST). A new data folder has a new key.';
    return new TokenRefused('signature', message);
  }
  return malformed();
}

function claimRefusal(
  { claim, reason }: errors.JWTClaimValidationFailed,
  token: string,
  audiences: readonly string[],
): TokenRefused {
  if (reason === 'missing') {
    return new TokenRefused('incomplete', `The token has no claim '${claim}'.`);
  }
  if (claim === 'iss') {
    const message = `The token is of another issuer ('iss'): sign in with the embedded Azure's own.`;
    return new TokenRefused('issuer', message);
  }
  if (claim === 'nbf')
    return new TokenRefused('not-yet-valid', `The token is not valid yet ('nbf').`);
  const given = JSON.stringify(decodeJwt(token).aud).slice(0, MAX_SHOWN_CHARS);
  const message = `The token is for another service: its audience ('aud') is ${given}; this one takes ${audiences.join(' or ')}.`;
  return new TokenRefused('audience', message);
}

function malformed(): TokenRefused {
  return new TokenRefused('malformed', 'The token is no JSON Web Token.');
}
