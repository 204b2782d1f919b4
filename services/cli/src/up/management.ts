import type { Environment } from '@headroom/runtime';

/**
 * For the gateway's process: its management listener takes the tokens of the embedded Azure in the folder, in which everybody
 * is `Owner`, and has its certificate. `azure`: the embedded Azure's environment, once it has been started.
 */
export async function managementOf(dataDir: string): Promise<(azure: Environment) => Environment> {
  // It takes long to load: other commands do without.
  const { localSignIn } = await import('@headroom/local-azure');
  return (azure) => {
    const { issuer, certFile, keyFile } = localSignIn(dataDir);
    // By name: the certificate is for localhost, and az signs in under the name that it is given.
    const arm = (azure['ARM_ENDPOINT'] ?? '').replace('127.0.0.1', 'localhost');
    return {
      GATEWAY_MANAGEMENT_CERT: certFile,
      GATEWAY_MANAGEMENT_KEY: keyFile,
      GATEWAY_MANAGEMENT_ISSUER: issuer,
      GATEWAY_MANAGEMENT_LOGIN: `${arm}/adfs`,
      GATEWAY_MANAGEMENT_GRANTS: JSON.stringify([{ appRole: 'Owner', access: 'write' }]),
    };
  };
}
