import { join } from 'node:path';
import { issuerOf } from './issuer.ts';
import { readTenant, tenantFileName } from './tenant.ts';

/** What a service on this machine needs to take tokens of the local issuer, and to be trusted as the embedded Azure is. */
export interface LocalSignIn {
  /** As tokens name it. */
  readonly issuer: string;
  /** PEM files: a certificate for localhost of the folder's authority, and its key. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** Of the embedded Azure that has been started in the folder. */
export function localSignIn(dataDir: string): LocalSignIn {
  const folder = join(dataDir, 'azure');
  const { tenantId } = readTenant(join(folder, tenantFileName));
  return {
    issuer: issuerOf(tenantId),
    certFile: join(folder, 'server.pem'),
    keyFile: join(folder, 'server-key.pem'),
  };
}
