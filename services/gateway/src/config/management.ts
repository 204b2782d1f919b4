import { portNumber } from '@headroom/runtime';
import { z } from 'zod';
import type { EntraAuthority } from './clients.ts';
import { jsonVariable } from './json-variable.ts';

/** The listener that answers as Azure Resource Manager does, for the switch of accounts. */
export interface ManagementConfig {
  readonly host: string;
  readonly port: number;
  /** PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly tokens: EntraAuthority;
  /** Of the tokens, as clients have to ask for it. */
  readonly audience: string;
  /** Where clients sign in. */
  readonly loginUrl: string;
  readonly grants: readonly Grant[];
}

/** `write` holds `read`. */
export type Access = 'read' | 'write';

/** What tokens of a principal, or with an app role, may do. */
export type Grant =
  | { readonly principal: string; readonly access: Access }
  | { readonly appRole: string; readonly access: Access };

const grantsMax = 256;
const roleLengthMax = 128;
const entraUrl = 'https://login.microsoftonline.com';
const expected =
  '[{"principal": an Entra object id, "access": "read" or "write"} or {"appRole": …, "access": …}]';
const issuerShape =
  'the issuer of tokens, https://sts.windows.net/TENANT/ for those of Azure Resource Manager';
const audienceShape = 'the audience of tokens, https://management.azure.com unless given';
const loginShape = `where az signs in, ${entraUrl} unless given, or an AD FS at https://HOST/adfs`;

const access = z.enum(['read', 'write']);
const grant = z.union(
  [
    z.strictObject({ principal: z.guid().toLowerCase(), access }),
    z.strictObject({ appRole: z.string().min(1).max(roleLengthMax), access }),
  ],
  expected,
);
const grants = z.array(grant, expected).min(1, expected).max(grantsMax, `at most ${grantsMax}`);
const isHttps = (text: string): boolean => /^https:\/\/[^\s?#@]+$/.test(text) && URL.canParse(text);

/** `GATEWAY_MANAGEMENT_*`. Without its port there is no such listener. */
export function gatewayManagement() {
  const given = z
    .object({
      GATEWAY_MANAGEMENT_HOST: z.string().default('127.0.0.1'),
      GATEWAY_MANAGEMENT_PORT: portNumber,
      GATEWAY_MANAGEMENT_CERT: z.string('the file of the certificate, in PEM'),
      GATEWAY_MANAGEMENT_KEY: z.string('the file of its private key, in PEM'),
      GATEWAY_MANAGEMENT_ISSUER: z.string(issuerShape).refine(isHttps, issuerShape),
      GATEWAY_MANAGEMENT_AUDIENCE: z
        .string()
        .regex(/^\S+$/, audienceShape)
        .default('https://management.azure.com'),
      GATEWAY_MANAGEMENT_LOGIN: z.string().refine(isHttps, loginShape).default(entraUrl),
      GATEWAY_MANAGEMENT_GRANTS: jsonVariable(grants, expected),
    })
    .transform((env): ManagementConfig => {
      const issuer = env.GATEWAY_MANAGEMENT_ISSUER;
      const loginUrl = env.GATEWAY_MANAGEMENT_LOGIN.replace(/\/+$/, '');
      const audience = env.GATEWAY_MANAGEMENT_AUDIENCE.replace(/\/+$/, '');
      return {
        host: env.GATEWAY_MANAGEMENT_HOST,
        port: env.GATEWAY_MANAGEMENT_PORT,
        certFile: env.GATEWAY_MANAGEMENT_CERT,
        keyFile: env.GATEWAY_MANAGEMENT_KEY,
        ...{ audience, loginUrl, grants: env.GATEWAY_MANAGEMENT_GRANTS },
        tokens: {
          issuer,
          // Which of the two a token names depends on how its client asked.
          audience: [audience, `${audience}/`],
          // The issuer of an AD FS is a name; that of Entra is an address too.
          ...(loginUrl.endsWith('/adfs') ? { keysAt: loginUrl } : {}),
        },
      };
    });
  return z.unknown().transform((env, context): ManagementConfig | undefined => {
    if (isOff(env)) return undefined;
    const found = given.safeParse(env);
    if (found.success) return found.data;
    for (const { path, message } of found.error.issues) {
      context.addIssue({ code: 'custom', path, message });
    }
    return z.NEVER;
  });
}

function isOff(env: unknown): boolean {
  return typeof env === 'object' && env !== null && !('GATEWAY_MANAGEMENT_PORT' in env);
}
