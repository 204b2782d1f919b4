import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { AzureMachineLearningWorkspaces } from '@azure/arm-machinelearning';
import { CosmosClient } from '@azure/cosmos';
import { EventHubProducerClient } from '@azure/event-hubs';
import { ServiceBusClient } from '@azure/service-bus';
import type { LocalAzureEnvironment } from '../../src/index.ts';
import { credential, SUBSCRIPTION } from '../arm/server.fixture.ts';

// A bound for a busy machine, not a pause.
jest.setTimeout(120_000);

const run = promisify(execFile);
const BUILD = new URL('../../../../services/cli/bundle/build.ts', import.meta.url).pathname;

let root: string;
let project: string;
const children: ChildProcess[] = [];

/** As somebody would have it: packed, then installed in an empty folder, without a registry. */
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'bundle-'));
  const dist = join(root, 'dist');
  project = join(root, 'project');
  mkdirSync(dist);
  mkdirSync(project);
  await run(process.execPath, [BUILD, dist]);
  const { PATH = '' } = process.env;
  const options = { cwd: project, env: { PATH, HOME: root, npm_config_offline: 'true' } };
  await run('npm', ['pack', '--silent', dist], options);
  writeFileSync(join(project, 'package.json'), '{"name":"project","private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', './headroom-0.1.0.tgz'], options);
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const program = (): string => join(project, 'node_modules', '.bin', 'headroom');

/** The environment of a shell that knows nothing of us. */
const bare = (): { cwd: string; env: NodeJS.ProcessEnv } => ({
  cwd: project,
  env: { PATH: process.env['PATH'], TMPDIR: root },
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function headroom(...args: string[]): Promise<Ran> {
  try {
    const { stdout, stderr } = await run(process.execPath, [program(), ...args], bare());
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

/** Starts it; resolves, once it is ready, with where its env.json is. */
async function start(...args: string[]): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, [program(), 'local', ...args], bare());
  children.push(child);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('In another terminal')) break;
  }
  return { child, lines };
}

async function end(child: ChildProcess): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const [code] = (await exited) as [number | null];
  return code;
}

async function useAllServices(env: LocalAzureEnvironment): Promise<void> {
  const producer = new EventHubProducerClient(env.EVENTHUBS_CONNECTION_STRING, 'metrics');
  await producer.sendBatch([{ body: 'event' }], { partitionId: '3' });
  expect((await producer.getPartitionProperties('3')).lastEnqueuedSequenceNumber).toBe(0);
  await producer.close();

  const bus = new ServiceBusClient(env.SERVICEBUS_CONNECTION_STRING);
  await bus.createSender('scale-commands').sendMessages({ body: 'message', messageId: 'm' });
  const receiver = bus.createReceiver('scale-commands');
  const [message] = await receiver.receiveMessages(1);
  await receiver.completeMessage(message!);
  await bus.close();

  const cosmos = new CosmosClient({ endpoint: env.COSMOS_ENDPOINT, key: env.COSMOS_KEY });
  const container = cosmos.database('headroom').container('operations');
  await container.items.create({ id: 'document', exclusionKey: 'k' });
  expect((await container.item('document', 'k').read()).statusCode).toBe(200);
  cosmos.dispose();

  const tlsOptions = { ca: readFileSync(env.NODE_EXTRA_CA_CERTS) };
  const options = { endpoint: env.ARM_ENDPOINT, tlsOptions };
  const arm = new AzureMachineLearningWorkspaces(credential(env.ARM_TOKEN), SUBSCRIPTION, options);
  await expect(arm.workspaces.get('rg', 'none')).rejects.toMatchObject({ statusCode: 404 });
}

test('the one published file, installed in an empty folder, serves every service from memory', async () => {
  const { child, lines } = await start('--memory');
  expect(lines[0]).toMatch(/^ready {2}the embedded Azure, in .*; nothing is kept; Ctrl-C ends it$/);
  const dataDir = /--data (\S+)\)/.exec(lines.at(-1)!)![1]!;
  const text = readFileSync(join(dataDir, 'env.json'), 'utf8');
  await useAllServices(JSON.parse(text) as LocalAzureEnvironment);
  const status = await headroom('local', 'status', '--data', dataDir);
  expect(status).toMatchObject({ code: 0, err: '' });
  expect(status.out).toMatch(new RegExp(`^running {2}process ${child.pid} in `));
  expect(status.out).toContain('nothing is kept');
  expect(await end(child)).toBe(0);
  expect(existsSync(dataDir)).toBe(false);
});

test('status, --env and reset speak of the one in the folder', async () => {
  const { child } = await start('--sync', 'full');
  const folder = join(project, '.headroom');
  const text = readFileSync(join(folder, 'env.json'), 'utf8');
  const env = JSON.parse(text) as LocalAzureEnvironment;
  const { out } = await headroom('local', '--env');
  const shell = await run('sh', [
    '-c',
    `${out}\nprintf %s "$COSMOS_KEY $SERVICEBUS_CONNECTION_STRING"`,
  ]);
  expect(shell.stdout).toBe(`${env.COSMOS_KEY} ${env.SERVICEBUS_CONNECTION_STRING}`);
  const refused = await headroom('local', 'reset', '--yes');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain(`in use by the embedded Azure with process id ${child.pid}`);
  expect(await end(child)).toBe(0);

  const [stopped, noEnv, unasked] = await Promise.all([
    headroom('local', 'status'),
    headroom('local', '--env'),
    headroom('local', 'reset'),
  ]);
  expect(stopped.code).toBe(3);
  expect(stopped.out).toContain('no embedded Azure runs in .headroom, but it keeps data');
  expect(noEnv).toMatchObject({ code: 1, out: '' });
  expect(noEnv.err).toContain('Start one in another terminal with "headroom local"');
  expect(unasked.code).toBe(1);
  expect(unasked.err).toContain('give --yes to do it');
  expect(existsSync(join(folder, 'azure', 'cosmos.sqlite'))).toBe(true);
  const reset = await headroom('local', 'reset', '--yes');
  expect(reset.code).toBe(0);
  expect(reset.out).toMatch(/^Deleted every event, message, document/);
  expect(existsSync(join(folder, 'azure'))).toBe(false);
});
