import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { instant } from '@headroom/core';
import { startLocalAzure } from '@headroom/local-azure';
import { runCommandLine } from '../program.ts';
import type { Surroundings } from '../surroundings.ts';

let root: string;
let data: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'headroom-local-test-'));
  data = join(root, 'state');
});
afterEach(() => rmSync(data, { recursive: true, force: true }));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], more: Partial<Surroundings> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runCommandLine(['local', ...args], {
    env: {},
    now: () => instant(Date.now()),
    out: (text) => (out += text),
    err: (text) => (err += text),
    ...more,
  });
  return { code, out, err };
}

describe('what keeps it from starting is said in one message, without a stack', () => {
  test.each([
    [['--ports', 'amp=5672'], '"amp=5672" is no NAME=PORT, where NAME is amqp, cosmos or arm'],
    [['--ports', 'amqp=70000'], '"amqp=70000" is no NAME=PORT'],
    [['--ports', 'amqp=5672,amqp=5673'], '"amqp=5673" gives amqp a second port'],
    [['--sync', 'twice'], 'Allowed choices are process, full'],
    [['--request-units', '0'], 'Expected a whole number, 1 or more'],
    [['--verbose'], "unknown option '--verbose'"],
    [['--config', 'none.json'], 'The configuration none.json cannot be read: is not there.'],
  ])('%j', async (args, message) => {
    const { code, out, err } = await run([...args, '--data', data]);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).not.toMatch(/^ {4}at /m);
  });

  test('a configuration that is wrong, by the path of its field', async () => {
    const file = join(root, 'config.json');
    writeFileSync(file, '{"queues":[{"name":"q","maxDelivery":3}]}');
    const { code, err } = await run(['--config', file, '--data', data]);
    expect(code).toBe(1);
    expect(err).toBe(
      `headroom: ${file} cannot be used:\n  queues[0]: Unrecognized key: "maxDelivery"\n`,
    );
  });

  test('a port that is taken, by its number and the option', async () => {
    await using squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const { code, err } = await run(['--ports', `cosmos=${port}`, '--data', data]);
    expect(code).toBe(1);
    expect(err).toBe(
      `headroom: Port ${port} for cosmos is taken: give another one (--ports cosmos=N) or none.\n`,
    );
  });

  test('a folder that is in use, and one that is damaged', async () => {
    const azure = await startLocalAzure({ dataDir: data });
    const second = await run(['--data', data]);
    expect(second.err).toContain(`is in use by the embedded Azure with process id ${process.pid}`);
    await azure.close();
    writeFileSync(join(data, 'azure', 'amqp.sqlite'), 'x'.repeat(9000));
    const third = await run(['--data', data]);
    expect(third.code).toBe(1);
    expect(third.err).toContain('amqp.sqlite is damaged: it is no SQLite database. Restore it');
    expect(third.err).toContain('headroom local reset');
  });
});

test('--disable-local-auth says that keys are refused, and prints what an identity needs, also with --env', async () => {
  const ready = Promise.withResolvers<string>();
  const ran = run(['--disable-local-auth', '--data', data], { out: ready.resolve });
  void ran.then(({ err }) => ready.reject(new Error(`it ended: ${err}`)));
  const printed = await ready.promise;
  const shell = await run(['--env', '--data', data]);
  process.emit('SIGINT', 'SIGINT');
  expect((await ran).code).toBe(0);
  expect(printed).toContain('; keys are refused; ');
  expect(printed).toMatch(/^ {2}AZURE_TENANT_ID {7}adfs$/m);
  expect(shell.out).toMatch(/^export EVENTHUBS_NAMESPACE='localhost:\d+'$/m);
  expect(shell.out).toMatch(/^export AZURE_CLIENT_SECRET='[^']+'$/m);
  for (const text of [printed, shell.out]) expect(text).not.toMatch(/SharedAccessKey|_KEY|_TOKEN/);
});

describe('status', () => {
  test('says where it listens, what it serves and how much it keeps', async () => {
    await using azure = await startLocalAzure({ dataDir: data });
    const { amqp, cosmos, arm } = azure.ports;
    const { code, out } = await run(['status', '--data', data]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^running  process ${process.pid} in ${data}, for `));
    expect(out).toContain(`  ports             amqp=${amqp},cosmos=${cosmos},arm=${arm}\n`);
    expect(out).toContain('  event hubs        metrics, signals\n');
    expect(out).toMatch(/ {2}cosmos\.sqlite {5}[\d.]+ [kM]B\n/);
  });

  test('has its own exit code where nothing runs', async () => {
    expect(await run(['status', '--data', data])).toEqual({
      code: 3,
      out: `not running  no embedded Azure runs in ${data}, and it keeps nothing\n`,
      err: '',
    });
  });
});

describe('reset', () => {
  test('says what goes, and deletes it when the answer is yes', async () => {
    await (await startLocalAzure({ dataDir: data })).close();
    let question = '';
    const answer = (text: string) => (asked: string) => {
      question = asked;
      return Promise.resolve(text);
    };
    const kept = await run(['reset', '--data', data], { ask: answer('') });
    expect(kept).toMatchObject({ code: 1, out: 'Nothing was deleted.\n' });
    expect(question).toMatch(
      /^Delete every event, message, document, ARM resource, key and certificate in .* \(\d+ kB\)\? \[y\/N\] $/,
    );
    const gone = await run(['reset', '--data', data], { ask: answer('yes') });
    expect(gone.code).toBe(0);
    const nothing = await run(['reset', '--data', data]);
    expect(nothing.out).toContain('there is nothing to delete');
  });
});
