import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';
import { writeFileAtomically } from '../files.ts';
import { parseJson } from '../json.ts';

/** Somebody that the tenant's tokens can be about. */
export interface Principal {
  readonly clientId: string;
  readonly objectId: string;
}

/** The local directory: one tenant with one application and one managed identity, and the key that signs tokens. */
export interface Tenant {
  readonly tenantId: string;
  readonly application: Principal & { readonly clientSecret: string };
  /** `header` is the secret that the managed identity's endpoint asks for (IDENTITY_HEADER). */
  readonly managedIdentity: Principal & { readonly header: string };
  /** Private, RS256, with its `kid`. */
  readonly signingKey: JWK;
}

/** In the folder of the embedded Azure. */
export const tenantFileName = 'identity.json';
const RSA_BITS = 2048;

/** From the folder's identity.json (mode 0600); made at the first start. */
export async function loadTenant(folder: string): Promise<Tenant> {
  const file = join(folder, tenantFileName);
  if (existsSync(file)) return readTenant(file);
  const tenant = await makeTenant();
  writeFileAtomically(file, `${JSON.stringify(tenant, null, 2)}\n`);
  return tenant;
}

export function readTenant(file: string): Tenant {
  const parsed = tenantShape.safeParse(parseJson(readFileSync(file, 'utf8')));
  // What zod says of a wrong value may quote it, and this file holds secrets.
  if (parsed.success) return parsed.data;
  throw new Error(
    `${file} is damaged: it holds the local tenant, its secrets and its signing key. ` +
      'Restore it, or delete it to get a new tenant: clients then need the new env.json.',
  );
}

async function makeTenant(): Promise<Tenant> {
  const options = { modulusLength: RSA_BITS, extractable: true };
  const { privateKey } = await generateKeyPair('RS256', options);
  // az takes what begins with a hyphen for an option.
  const secret = (): string => randomBytes(32).toString('hex');
  return {
    tenantId: randomUUID(),
    application: { clientId: randomUUID(), objectId: randomUUID(), clientSecret: secret() },
    managedIdentity: { clientId: randomUUID(), objectId: randomUUID(), header: secret() },
    signingKey: { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'RS256', use: 'sig' },
  };
}

const principal = z.object({ clientId: z.string().min(1), objectId: z.string().min(1) });
const text = z.string().min(1);
const tenantShape = z.object({
  tenantId: text,
  application: principal.extend({ clientSecret: text }),
  managedIdentity: principal.extend({ header: text }),
  signingKey: z.object({
    ...{ kty: z.literal('RSA'), kid: text, alg: z.literal('RS256'), use: z.literal('sig') },
    ...{ n: text, e: text, d: text, p: text, q: text, dp: text, dq: text, qi: text },
  }),
});
