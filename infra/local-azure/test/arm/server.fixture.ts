import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import { CognitiveServicesManagementClient } from '@azure/arm-cognitiveservices';
import type { OnlineDeployment } from '@azure/arm-machinelearning';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { MonitorClient } from '@azure/arm-monitor';
import { ResourceManagementClient } from '@azure/arm-resources';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import { MetricsClient } from '@azure/monitor-query-metrics';
import type { ArmOptions, ArmServer } from '../../src/arm/server.ts';
import { startArm } from '../../src/arm/server.ts';
import { openSignIn } from '../../src/identity/index.ts';
import { loadCertificates } from '../../src/tls/certificates.ts';

export const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
export const TOKEN = 'token-of-the-test';
/** May read only. */
export const READER_TOKEN = 'token-of-a-reader';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The JSON body; undefined where there is none. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Azure Resource Manager for tests, with a clock that stands still until it is moved. */
export interface TestArm {
  readonly server: ArmServer;
  readonly now: number;
  advance(ms: number): void;
  /** Ends the server and starts another one on the same files and port. */
  restart(): Promise<void>;
  client(token?: string): AzureMachineLearningWorkspaces;
  monitor(): MonitorClient;
  cognitive(): CognitiveServicesManagementClient;
  resources(): ResourceManagementClient;
  subscriptions(): SubscriptionClient;
  metrics(): MetricsClient;
  /** A request with no SDK between; a body that is no text is sent as JSON. */
  send(method: string, target: string, body?: unknown, headers?: object): Promise<RawAnswer>;
  close(): Promise<void>;
}

type TestOptions = Partial<
  Pick<
    ArmOptions,
    'provisioningMs' | 'quotaCores' | 'subscriptions' | 'pageSize' | 'onFailure' | 'onRequest'
  >
>;

export async function startTestArm(options: TestOptions = {}): Promise<TestArm> {
  const folder = await mkdtemp(join(tmpdir(), 'arm-'));
  let now = Date.now();
  const certificates = await loadCertificates(folder, now);
  const { authority, tokens } = await openSignIn(folder, () => now);
  const start = (port: number): Promise<ArmServer> =>
    startArm({
      host: '127.0.0.1',
      port,
      access: { authority, tokens, staticToken: TOKEN, readerToken: READER_TOKEN },
      dataFile: join(folder, 'arm.sqlite'),
      certificates,
      provisioningMs: 1000,
      clock: () => now,
      ...options,
    });
  const agent = new Agent({ keepAlive: true });
  let server = await start(0);
  const access = () => ({
    endpoint: server.endpoint,
    tlsOptions: { ca: readFileSync(server.caFile) },
    retryOptions: { maxRetries: 1 },
  });
  return {
    get server() {
      return server;
    },
    get now() {
      return now;
    },
    advance: (ms) => {
      now += ms;
    },
    restart: async () => {
      await server.close();
      server = await start(server.port);
    },
    client: (token = TOKEN) =>
      new AzureMachineLearningWorkspaces(credential(token), SUBSCRIPTION, access()),
    monitor: () => new MonitorClient(credential(TOKEN), SUBSCRIPTION, access()),
    cognitive: () =>
      new CognitiveServicesManagementClient(credential(TOKEN), SUBSCRIPTION, access()),
    resources: () => new ResourceManagementClient(credential(TOKEN), SUBSCRIPTION, access()),
    subscriptions: () => new SubscriptionClient(credential(TOKEN), access()),
    metrics: () => new MetricsClient(server.endpoint, credential(TOKEN), access()),
    send: (method, target, body, headers) => sendRaw(agent, server, method, target, body, headers),
    close: async () => {
      agent.destroy();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function sendRaw(
  agent: Agent,
  server: ArmServer,
  method: string,
  target: string,
  body: unknown,
  headers: object = {},
): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const ca = readFileSync(server.caFile);
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  // Node frames no body of a GET by itself: the next request would begin with it.
  const length = { 'content-length': Buffer.byteLength(text ?? '') };
  const all = { authorization: `Bearer ${TOKEN}`, ...length, ...headers };
  const where = { host: '127.0.0.1', servername: 'localhost', port: server.port, ca, agent };
  const options = { ...where, method, path: target, headers: all };
  const request = httpsRequest(options, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      const answer = Buffer.concat(chunks).toString('utf8');
      const parsed = answer === '' ? undefined : (JSON.parse(answer) as RawAnswer['body']);
      const status = response.statusCode ?? 0;
      resolve({ status, headers: response.headers, text: answer, body: parsed });
    });
  });
  request.on('error', reject);
  request.end(text);
  return promise;
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

export async function allOf<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const each of list) found.push(each);
  return found;
}
