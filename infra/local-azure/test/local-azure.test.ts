import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { CosmosClient } from '@azure/cosmos';
import { cosmos as topology } from '@headroom/topology';
import { credential, SUBSCRIPTION } from './arm/server.fixture.ts';
import { FolderInUseError, startLocalAzure } from '../src/index.ts';
import type { LocalAzureEnvironment } from '../src/index.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(120_000);

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;
/** For a process to be ready, or to end. */
const DEADLINE_MS = 20_000;

let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'azure-')), 'state');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(join(dataDir, '..'), { recursive: true, force: true });
});

const environment = (): LocalAzureEnvironment =>
  JSON.parse(readFileSync(join(dataDir, 'env.json'), 'utf8')) as LocalAzureEnvironment;

function openCosmos(): CosmosClient {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = environment();
  return new CosmosClient({ endpoint, key });
}

function openMachineLearning(): AzureMachineLearningWorkspaces {
  const { ARM_ENDPOINT: endpoint, ARM_TOKEN, NODE_EXTRA_CA_CERTS } = environment();
  const tlsOptions = { ca: readFileSync(NODE_EXTRA_CA_CERTS) };
  return new AzureMachineLearningWorkspaces(credential(ARM_TOKEN), SUBSCRIPTION, {
    endpoint,
    tlsOptions,
  });
}

/** Starts the process; gives its ready line, or its standard error when it ends before. */
async function run(
  ...args: string[]
): Promise<{ child: ChildProcess; ready: unknown; log: string }> {
  const child = spawn(process.execPath, [MAIN, '--data', dataDir, ...args]);
  children.push(child);
  let log = '';
  child.stderr.on('data', (chunk) => (log += String(chunk)));
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const line = once(createInterface(child.stdout), 'line', { signal });
  const exit = once(child, 'close', { signal }).then(() => undefined);
  line.catch(() => undefined);
  exit.catch(() => undefined);
  const first = (await Promise.race([line, exit])) as [string] | undefined;
  return { child, ready: first === undefined ? undefined : JSON.parse(first[0]), log };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown[]> {
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(DEADLINE_MS) });
  child.kill(signal);
  return exited;
}

describe('the embedded Azure in this process', () => {
  test('has the containers of the topology, and keys that only the owner reads', async () => {
    await using azure = await startLocalAzure({ dataDir });
    expect(environment()).toEqual(azure.env);
    expect(statSync(join(dataDir, 'env.json')).mode & 0o777).toBe(0o600);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    const client = openCosmos();
    const { resources } = await client.database(topology.database).containers.readAll().fetchAll();
    const names = Object.values(topology.containers).map((each) => each.name);
    expect(resources.map((each) => each.id)).toEqual(names);
    const rejected = resources.find((each) => each.id === 'rejected');
    expect(rejected?.defaultTtl).toBe(topology.containers.rejected.ttlSeconds);
    client.dispose();
  });

  test('has the same keys and ports at the next start', async () => {
    const first = await startLocalAzure({ dataDir });
    await first.close();
    await using second = await startLocalAzure({ dataDir });
    expect(second.env).toEqual(first.env);
  });

  test('takes free ports where those of the last start are taken, and says when given ones are', async () => {
    const first = await startLocalAzure({ dataDir });
    await first.close();
    await using squatter = createServer().listen(first.ports.cosmos, '127.0.0.1');
    await once(squatter, 'listening');
    const port = (squatter.address() as AddressInfo).port;
    const given = startLocalAzure({ dataDir, ports: { cosmos: port } });
    await expect(given).rejects.toThrow(`Port ${port} for cosmos is taken`);
    const second = await startLocalAzure({ dataDir });
    expect(second.ports).toEqual({ ...first.ports, cosmos: second.ports.cosmos });
    expect(second.ports.cosmos).not.toBe(first.ports.cosmos);
    await second.close();
  });

  test('refuses a second one on its folder', async () => {
    await using azure = await startLocalAzure({ dataDir });
    const second = startLocalAzure({ dataDir });
    await expect(second).rejects.toThrow(FolderInUseError);
    await expect(second).rejects.toThrow(`process id ${process.pid}`);
    expect(environment()).toEqual(azure.env);
  });
});

describe('the embedded Azure as a process', () => {
  test('says its ports, answers, and ends at SIGTERM', async () => {
    const { child, ready } = await run();
    expect(ready).toEqual({
      ready: true,
      amqp: expect.any(Number),
      cosmos: expect.any(Number),
      arm: expect.any(Number),
    });
    const health = await fetch(`${environment().COSMOS_ENDPOINT}health`);
    expect(await health.json()).toEqual({ status: 'ok' });
    expect(await end(child, 'SIGTERM')).toEqual([0, null]);
  });

  test('is found on the same ports after kill -9, with every write that was acknowledged', async () => {
    const first = await run('--provisioning-seconds', '0.2');
    const client = openCosmos();
    const container = client.database(topology.database).container('operations');
    const acknowledged: string[] = [];
    const writing = (async () => {
      // Ends with the error of the first write that finds no server.
      for (let n = 0; n < 100_000; n += 1) {
        await container.items.create({ id: `w${n}`, exclusionKey: 'k' });
        acknowledged.push(`w${n}`);
        if (n === 50) first.child.kill('SIGKILL');
      }
    })();
    await expect(writing).rejects.toThrow();
    const second = await run('--provisioning-seconds', '0.2');
    expect(second.ready).toEqual(first.ready);
    const query = container.items.query<string>('SELECT VALUE c.id FROM c', { partitionKey: 'k' });
    const { resources } = await query.fetchAll();
    expect(resources).toEqual(expect.arrayContaining(acknowledged));
    client.dispose();
  });

  test('finishes after kill -9 an operation that was running', async () => {
    const first = await run('--provisioning-seconds', '1');
    const ml = openMachineLearning();
    const location = 'westeurope';
    await ml.workspaces.beginCreateOrUpdateAndWait('rg', 'ws', { location });
    const endpoint = { location, properties: { authMode: 'Key' } };
    await ml.onlineEndpoints.beginCreateOrUpdateAndWait('rg', 'ws', 'ep', endpoint);
    const path = ['rg', 'ws', 'ep', 'blue'] as const;
    await ml.onlineDeployments.beginCreateOrUpdate(...path, {
      location,
      sku: { name: 'Default', capacity: 3 },
      properties: { endpointComputeType: 'Managed' },
    });
    await end(first.child, 'SIGKILL');
    await run('--provisioning-seconds', '1');
    const deployments = openMachineLearning().onlineDeployments;
    const deadline = Date.now() + DEADLINE_MS;
    let shown = await deployments.get(...path);
    while (shown.properties.provisioningState === 'Creating' && Date.now() < deadline) {
      shown = await deployments.get(...path);
    }
    expect(shown.properties.provisioningState).toBe('Succeeded');
    expect(shown.properties.properties?.['readyInstances']).toBe('3');
  });

  test('refuses a second process with a message that names the first', async () => {
    const { child } = await run();
    const second = await run();
    expect(second.ready).toBeUndefined();
    expect(second.log).toContain(`in use by the embedded Azure with process id ${child.pid}`);
    expect(second.child.exitCode).toBe(1);
  });
});
