/** How the backend is entered. */
export type BackendCredential =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'entra'; readonly token: TokenProvider };

/** Asks for a new token of the backend's audience. */
export type TokenProvider = () => Promise<AccessToken>;

export interface AccessToken {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** A token is replaced this long before it ends. */
const renewBeforeMs = 5 * 60_000;

/** Names and values, flat, of the headers that open the backend. Rejects while there is no token. */
export type CredentialHeaders = () => readonly string[] | Promise<readonly string[]>;

export function credentialHeaders(
  credential: BackendCredential,
  now: () => number,
): CredentialHeaders {
  switch (credential.kind) {
    case 'key': {
      const { key } = credential;
      // Azure's services differ in the name that they read.
      const headers = ['api-key', key, 'ocp-apim-subscription-key', key];
      return () => headers;
    }
    case 'entra':
      return bearer(credential.token, now);
  }
}

/** While a new token is asked for the old one serves, as long as it is good. */
function bearer(provider: TokenProvider, now: () => number): CredentialHeaders {
  let held: AccessToken | undefined;
  let asking: Promise<AccessToken> | undefined;
  const ask = (): Promise<AccessToken> => {
    asking ??= provider()
      .then((token) => (held = token))
      .finally(() => (asking = undefined));
    return asking;
  };
  return () => {
    const at = now();
    if (held === undefined || held.expiresAtMs <= at) return ask().then(headersOf);
    // A failure is seen by whoever needs the next token: this one is still good.
    if (held.expiresAtMs - renewBeforeMs <= at) ask().catch(() => undefined);
    return headersOf(held);
  };
}

function headersOf({ token }: AccessToken): readonly string[] {
  return ['authorization', `Bearer ${token}`];
}
