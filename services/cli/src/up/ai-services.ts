import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { accountId, demoAccounts, demoCallers, startAiBackend } from '@headroom/demo';
import type { DemoCaller } from '@headroom/demo';
import type { Environment } from '@headroom/runtime';

/** AI services of the demo: a backend, and what the gateway before it and its callers have to know. */
export interface AiServices extends AsyncDisposable {
  /** For the gateway's process. */
  readonly gateway: Environment;
  /** Where callers find the gateway. */
  readonly address: string;
  readonly keys: ReadonlyMap<DemoCaller, string>;
  /** What the backend serves now. */
  readonly capacity: BackendCapacity;
}

/** Whoever plays the clients sets it. */
export interface BackendCapacity {
  /** Of the account whose limit climbs. */
  visionCallsPerS: number;
  /** Of each model deployment, as ARM says. */
  readonly tokensPerMinute: Map<string, number>;
}

/** Starts the backend; keys are made up for the run, and known to nobody else. */
export async function startAiServices(): Promise<AiServices> {
  const backendKey = newKey();
  const keys = new Map(demoCallers.map((caller) => [caller, newKey()]));
  const capacity: BackendCapacity = { visionCallsPerS: 0, tokensPerMinute: new Map() };
  const backend = await startAiBackend({
    key: backendKey,
    visionCallsPerS: () => capacity.visionCallsPerS,
    tokensPerMinute: (deployment) => capacity.tokensPerMinute.get(deployment) ?? 0,
  });
  // The same one whenever the gateway is started again: its callers know no other.
  const port = await freePort();
  const accounts = demoAccounts.map((account) => ({
    path: `/${account.name}`,
    account: accountId(account),
    backend: backend.address,
    credential: { key: backendKey },
  }));
  const clients = [...keys].map(([name, key]) => ({ name, keySha256: sha256(key) }));
  return {
    gateway: {
      GATEWAY_PORT: String(port),
      GATEWAY_ACCOUNTS: JSON.stringify(accounts),
      GATEWAY_CLIENTS: JSON.stringify(clients),
    },
    address: `http://127.0.0.1:${port}`,
    keys,
    capacity,
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

function newKey(): string {
  return randomBytes(24).toString('base64url');
}

function sha256(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
