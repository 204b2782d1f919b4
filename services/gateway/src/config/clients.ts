import { z } from 'zod';
import { jsonVariable } from './json-variable.ts';

/** Who may call, and how each is known. A name may come several times: a client has two keys while one replaces the other. */
export interface KnownClients {
  readonly clients: readonly KnownClient[];
  /** Whose tokens are taken; absent: nobody's. */
  readonly entra?: EntraAuthority;
}

export type KnownClient =
  | { readonly name: string; readonly keySha256: Buffer }
  /** The object id of an Entra application's service principal, managed identity or user. */
  | { readonly name: string; readonly principal: string };

export interface EntraAuthority {
  /** `https://login.microsoftonline.com/TENANT/v2.0`, exactly as tokens name it. */
  readonly issuer: string;
  readonly audience: string | string[];
  /** Where the issuer's keys are found, when not at the issuer's own address. */
  readonly keysAt?: string;
}

/** Each key of a call is compared with every one. */
const clientsMax = 256;
const nameLengthMax = 128;
const expected =
  '[{"name": "app", "keySha256": SHA-256 of its key in hexadecimal} or {"name": "app", "principal": its Entra object id}]';

const name = z
  .string('a name')
  .regex(/^[\w.@~ -]+$/, 'a name of letters, digits, spaces and . _ @ ~ -')
  .max(nameLengthMax, `a name of at most ${nameLengthMax} characters`);
const client = z.union(
  [
    z.strictObject({
      name,
      keySha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/i)
        .transform((hex) => Buffer.from(hex, 'hex')),
    }),
    z.strictObject({ name, principal: z.guid().toLowerCase() }),
  ],
  expected,
);
const clients = z
  .array(client, expected)
  .min(1, expected)
  .max(clientsMax, `at most ${clientsMax} clients`);

const issuerShape = 'the issuer of tokens, such as https://login.microsoftonline.com/TENANT/v2.0';
const audienceShape = 'the audience of tokens, such as https://cognitiveservices.azure.com';

/** `GATEWAY_CLIENTS`, `GATEWAY_ENTRA_ISSUER` and `GATEWAY_ENTRA_AUDIENCE`. */
export function gatewayClients() {
  return z
    .object({
      GATEWAY_CLIENTS: jsonVariable(clients, expected),
      GATEWAY_ENTRA_ISSUER: z
        .string()
        .regex(/^https:\/\/|^http:\/\/(127\.|localhost)/, issuerShape)
        .optional(),
      GATEWAY_ENTRA_AUDIENCE: z.string().optional(),
    })
    .transform((env, context): KnownClients => {
      const { GATEWAY_CLIENTS: known, GATEWAY_ENTRA_ISSUER: issuer } = env;
      const { GATEWAY_ENTRA_AUDIENCE: audience } = env;
      if (issuer !== undefined && audience !== undefined) {
        return { clients: known, entra: { issuer, audience } };
      }
      const isAsked = known.some((one) => 'principal' in one);
      const isHalf = issuer !== undefined || audience !== undefined;
      if (!isAsked && !isHalf) return { clients: known };
      const [variable, message] =
        issuer === undefined
          ? ['GATEWAY_ENTRA_ISSUER', issuerShape]
          : ['GATEWAY_ENTRA_AUDIENCE', audienceShape];
      context.addIssue({ code: 'custom', path: [variable], message });
      return z.NEVER;
    });
}
