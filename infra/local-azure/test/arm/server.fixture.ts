import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import type { OnlineDeployment } from '@azure/arm-machinelearning';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import type { ArmOptions, ArmServer } from '../../src/arm/server.ts';
import { startArm } from '../../src/arm/server.ts';
import { openSignIn } from '../../src/identity/index.ts';
import { loadCertificates } from '../../src/tls/certificates.ts';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const TOKEN = 'token-of-the-test';

/** Azure Resource Manager for tests, with a clock that stands still until it is moved. */
export interface TestArm {
  readonly server: ArmServer;
  advance(ms: number): void;
  /** Ends the server and starts another one on the same files and port. */
  restart(): Promise<void>;
  client(token?: string): AzureMachineLearningWorkspaces;
  close(): Promise<void>;
}

export async function startTestArm(
  options: Partial<Pick<ArmOptions, 'provisioningMs' | 'quotaCores'>> = {},
): Promise<TestArm> {
  const folder = await mkdtemp(join(tmpdir(), 'arm-'));
  let now = Date.now();
  const certificates = await loadCertificates(folder, now);
  const { authority, tokens } = await openSignIn(folder, () => now);
  const start = (port: number): Promise<ArmServer> =>
    startArm({
      host: '127.0.0.1',
      port,
      access: { authority, tokens, staticToken: TOKEN },
      dataFile: join(folder, 'arm.sqlite'),
      certificates,
      provisioningMs: 1000,
      clock: () => now,
      ...options,
    });
  let server = await start(0);
  return {
    get server() {
      return server;
    },
    advance: (ms) => {
      now += ms;
    },
    restart: async () => {
      await server.close();
      server = await start(server.port);
    },
    client: (token = TOKEN) =>
      new AzureMachineLearningWorkspaces(credential(token), SUBSCRIPTION, {
        endpoint: server.endpoint,
        tlsOptions: { ca: readFileSync(server.caFile) },
        retryOptions: { maxRetries: 1 },
      }),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const credential = (token: string): TokenCredential => ({
  getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
});

export const deploymentBody = (capacity: number): OnlineDeployment => ({
  location: 'westeurope',
  sku: { name: 'Default', capacity },
  properties: { endpointComputeType: 'Managed', instanceType: 'Standard_DS3_v2' },
});

/** The error that the call fails with. */
export async function errorOf(
  call: Promise<unknown>,
): Promise<{ statusCode?: number; code?: string; message: string }> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error('The call was to fail.');
}
