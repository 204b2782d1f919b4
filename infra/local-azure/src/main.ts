import { parseArgs } from 'node:util';
import { createLog, endWithStdinVariable, logLevelOf } from '@headroom/runtime';
import type { EventLog } from '@headroom/runtime';
import type { Sync } from './folder/database.ts';
import { readEntities } from './config/read-entities.ts';
import type { LocalAzureOptions } from './local-azure.ts';
import { startLocalAzure } from './local-azure.ts';

// The embedded Azure as a process:
// node main.ts (--data DIR | --memory) [--sync full] [--config FILE]... [--amqp-port N] [--cosmos-port N] [--arm-port N]
// [--provisioning-seconds 8] [--quota-cores N] [--request-units N] [--disable-local-auth]
// Standard output holds one line, `{"ready":true,"amqp":N,"cosmos":N,"arm":N}`; the log is on standard error.
await main();

async function main(): Promise<void> {
  const level = logLevelOf(process.env['LOG_LEVEL']);
  const destination = { write: (line: string) => void process.stderr.write(line) };
  const log = createLog('local-azure', { level, destination });
  process.on('uncaughtExceptionMonitor', (error) => log.error('serviceCrashed', { error }));
  try {
    await serve(await parseOptions(process.argv.slice(2)), log);
  } catch (error) {
    log.error('serviceFailed', { error });
    process.exitCode = 1;
  }
}

async function serve(options: LocalAzureOptions, log: EventLog): Promise<void> {
  log.info('serviceStarting', { node: process.version, dataDir: options.dataDir });
  await using azure = await startLocalAzure({
    ...options,
    onFailure: (error) => log.error('requestFailed', { error }),
  });
  process.stdout.write(`${JSON.stringify({ ready: true, ...azure.ports })}\n`);
  log.info('serviceReady', { ...azure.ports });
  if (azure.unserved.length > 0) log.warn('entitiesNotServed', { names: azure.unserved });
  const cause = await Promise.race([askedToEnd(), azure.damage]);
  if (typeof cause !== 'string') throw cause;
  log.info('serviceEnding', { cause });
  await azure.close();
  log.info('serviceEnded', {});
}

/** Resolves at the first signal; the second one finds Node's own handling, which ends at once. */
function askedToEnd(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => resolve(signal));
    }
    if (process.env[endWithStdinVariable] !== '1') return;
    // A killed supervisor sends no signal, but the pipe that it held ends.
    const ended = (): void => {
      process.stdin.pause();
      resolve('end of the parent');
    };
    process.stdin.once('end', ended).once('error', ended).resume();
  });
}

async function parseOptions(args: string[]): Promise<LocalAzureOptions> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: {
      data: text,
      memory: { type: 'boolean', default: false },
      sync: text,
      config: { type: 'string', multiple: true },
      'amqp-port': text,
      'cosmos-port': text,
      'arm-port': text,
      'provisioning-seconds': text,
      'quota-cores': text,
      'request-units': text,
      'disable-local-auth': { type: 'boolean', default: false },
    },
  });
  if ((values.data === undefined) !== values.memory)
    throw new Error('Give either --data DIR, the folder to keep everything in, or --memory.');
  const amqp = numberOf('--amqp-port', values['amqp-port'], 1);
  const cosmos = numberOf('--cosmos-port', values['cosmos-port'], 1);
  const arm = numberOf('--arm-port', values['arm-port'], 1);
  const provisioningMs = numberOf('--provisioning-seconds', values['provisioning-seconds'], 1000);
  const quotaCores = numberOf('--quota-cores', values['quota-cores'], 1);
  const requestUnitsPerSecond = requestUnitsOf(values['request-units']);
  return {
    ...(values.data === undefined ? {} : { dataDir: values.data }),
    ...(values.sync === undefined ? {} : { sync: syncOf(values.sync) }),
    ...(values.config === undefined ? {} : { entities: await readEntities(values.config) }),
    disableLocalAuth: values['disable-local-auth'],
    ports: {
      ...(amqp === undefined ? {} : { amqp }),
      ...(cosmos === undefined ? {} : { cosmos }),
      ...(arm === undefined ? {} : { arm }),
    },
    ...(provisioningMs === undefined ? {} : { provisioningMs }),
    ...(quotaCores === undefined ? {} : { quotaCores }),
    ...(requestUnitsPerSecond === undefined ? {} : { requestUnitsPerSecond }),
  };
}

function syncOf(text: string): Sync {
  if (text === 'process' || text === 'full') return text;
  throw new Error(`--sync is 'process' or 'full', not '${text}'.`);
}

/** Without any, every request would wait for ever. */
function requestUnitsOf(text: string | undefined): number | undefined {
  const units = numberOf('--request-units', text, 1);
  if (units !== 0) return units;
  throw new Error(`--request-units is a number a second above 0, not '${text ?? ''}'.`);
}

function numberOf(name: string, text: string | undefined, factor: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0) return Math.round(number * factor);
  throw new Error(`${name} is a number, not '${text}'.`);
}
