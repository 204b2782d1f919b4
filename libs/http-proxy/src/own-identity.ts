import type { TokenProvider } from './credential.ts';

const scope = 'https://cognitiveservices.azure.com/.default';

/** Tokens for AI services of the identity that this process has: a managed one, or whoever is signed in. */
export function ownIdentity(): TokenProvider {
  let credential: Promise<{ getToken(scope: string): Promise<Token> }> | undefined;
  return async () => {
    // Loaded at the first token: where there are keys, the identity library is not.
    credential ??= import('@azure/identity').then(
      (library) => new library.DefaultAzureCredential(),
    );
    const { token, expiresOnTimestamp } = await (await credential).getToken(scope);
    return { token, expiresAtMs: expiresOnTimestamp };
  };
}

interface Token {
  readonly token: string;
  readonly expiresOnTimestamp: number;
}
