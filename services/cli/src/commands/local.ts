import { resolve } from 'node:path';
import type { LocalAzure, LocalEntities, Ports, Sync } from '@headroom/local-azure';
import { CommandFailed, messageOf } from '../command-failed.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { watchEnding, type Ending } from '../up/ending.ts';
import { colorsOf } from '../view/colors.ts';
import { readyLines } from '../view/local-lines.ts';

export interface LocalOptions {
  readonly data: string;
  readonly isInMemory: boolean;
  readonly ports?: Partial<Ports>;
  readonly config?: readonly string[];
  readonly sync: Sync;
  readonly disableLocalAuth: boolean;
  /** A second, for the Cosmos DB account; without it nothing is throttled. */
  readonly requestUnits?: number;
}

/** `headroom local`: the embedded Azure in this process, until Ctrl-C. */
export async function local(options: LocalOptions, around: Surroundings): Promise<ExitCode> {
  const beganMs = performance.now();
  using ending = watchEnding(undefined);
  const { topologyEntities } = await import('@headroom/local-azure');
  const entities = (await configured(options.config)) ?? topologyEntities;
  await using azure = await start(options, entities, around);
  const tookMs = performance.now() - beganMs;
  const env = options.disableLocalAuth ? azure.identityEnv : azure.env;
  const shown = { env, ports: azure.ports, dataDir: azure.dataDir, entities, tookMs };
  const { data, isInMemory, sync } = options;
  const lines = readyLines({ ...shown, data, isInMemory, sync }, colorsOf(around));
  around.out(`${lines.join('\n')}\n`);
  warnOfUnserved(azure, around);
  await untilEnd(azure, ending);
  around.err('stopping; a second Ctrl-C ends it at once\n');
  return 0;
}

async function configured(
  files: readonly string[] | undefined,
): Promise<LocalEntities | undefined> {
  if (files === undefined) return undefined;
  const { readEntities } = await import('@headroom/local-azure');
  return readEntities(files).catch(asCommandFailed);
}

async function start(
  { data, isInMemory, ports, sync, disableLocalAuth, requestUnits }: LocalOptions,
  entities: LocalEntities,
  around: Surroundings,
): Promise<LocalAzure> {
  const { startLocalAzure } = await import('@headroom/local-azure');
  return startLocalAzure({
    ...(isInMemory ? {} : { dataDir: resolve(data) }),
    ...(ports === undefined ? {} : { ports }),
    ...(requestUnits === undefined ? {} : { requestUnitsPerSecond: requestUnits }),
    sync,
    disableLocalAuth,
    entities,
    onFailure: (error) => around.err(`a request failed: ${messageOf(error)}\n`),
  }).catch(asCommandFailed);
}

/** Whatever keeps it from starting is about the folder, a port or the configuration: the message says it. */
function asCommandFailed(cause: unknown): never {
  throw new CommandFailed(messageOf(cause), { cause });
}

function warnOfUnserved({ unserved }: LocalAzure, around: Surroundings): void {
  if (unserved.length === 0) return;
  around.err(
    `kept from earlier starts, but not served: ${unserved.join(', ')}. Name them in the configuration to have them again.\n`,
  );
}

async function untilEnd(azure: LocalAzure, { signal, hurry }: Ending): Promise<void> {
  // What was acknowledged survives it: there is nothing that has to be ended first.
  hurry.addEventListener('abort', () => process.kill(process.pid, 'SIGKILL'));
  const asked = Promise.withResolvers<undefined>();
  signal.addEventListener('abort', () => asked.resolve(undefined));
  if (signal.aborted) return;
  const damage = await Promise.race([asked.promise, azure.damage]);
  if (damage !== undefined) throw new CommandFailed(damage.message, { cause: damage });
}
