import { durationText, type Instant, type Millis } from '@headroom/core';
import type {
  Content,
  IdentityEnvironment,
  LocalAzureEnvironment,
  LocalEntities,
  Ports,
  Running,
  Sync,
} from '@headroom/local-azure';
import type { Colors } from './colors.ts';

export interface ReadyAzure {
  readonly env: LocalAzureEnvironment | IdentityEnvironment;
  readonly ports: Ports;
  readonly entities: LocalEntities;
  /** As it was given, and where env.json is: another one, when it keeps nothing. */
  readonly data: string;
  readonly dataDir: string;
  readonly isInMemory: boolean;
  readonly sync: Sync;
  readonly tookMs: Millis;
}

/** What a person needs to connect to it. */
export function readyLines(azure: ReadyAzure, colors: Colors): readonly string[] {
  const { env, entities } = azure;
  const amqp = `sb://localhost:${azure.ports.amqp}`;
  const { eventHubs, queues, topics } = entities.amqp;
  const variables = Object.entries(env) as [string, string][];
  const widest = Math.max(...variables.map(([name]) => name.length));
  const refused = 'COSMOS_KEY' in env ? '' : ' keys are refused;';
  const folder = azure.isInMemory ? ` --data ${azure.dataDir}` : dataArgument(azure.data);
  return [
    `${colors.green('ready')}  the embedded Azure, in ${durationText(azure.tookMs)}; ${keepsText(azure)};${refused} Ctrl-C ends it`,
    '',
    serviceLine('Event Hubs', amqp, eventHubs.map(hubText), colors),
    serviceLine('Service Bus', amqp, [...queues, ...topics].map(nameOf), colors),
    serviceLine('Cosmos DB', env.COSMOS_ENDPOINT, entities.databases.map(nameOf), colors),
    serviceLine('Resource Manager', env.ARM_ENDPOINT, [], colors),
    '',
    ...variables.map(([name, value]) => `  ${colors.dim(name.padEnd(widest))}  ${value}`),
    '',
    `In another terminal: ${colors.bold(`eval "$(headroom local --env${folder})"`)}`,
  ];
}

export interface LocalStatus {
  readonly data: string;
  readonly running: Running | 'starting' | undefined;
  readonly contents: readonly Content[];
  readonly now: Instant;
}

export function statusLines(status: LocalStatus, colors: Colors): readonly string[] {
  const { data, running, contents } = status;
  const kept = databasesIn(contents);
  const sizes = kept.map(({ name, bytes }) => fact(name, bytesText(bytes)));
  if (running === undefined) {
    const keeps = kept.length === 0 ? 'and it keeps nothing' : 'but it keeps data';
    return [
      `${colors.yellow('not running')}  no embedded Azure runs in ${data}, ${keeps}`,
      ...sizes,
    ];
  }
  if (running === 'starting') return [`${colors.yellow('starting')}  in ${data}`, ...sizes];
  return [...runningLines(running, status, colors), ...sizes];
}

/** Each database with its log. */
function databasesIn(contents: readonly Content[]): readonly Content[] {
  return ['amqp', 'cosmos', 'arm'].flatMap((name) => {
    const files = contents.filter((content) => content.name.includes(`${name}.sqlite`));
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return files.length === 0 ? [] : [{ name: `${name}.sqlite`, bytes }];
  });
}

/** `12.3 MB` */
export function bytesText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function runningLines(running: Running, { data, now }: LocalStatus, colors: Colors): string[] {
  const { ports, entities } = running;
  const since = durationText(Math.max(0, now - Date.parse(running.startedAt)));
  const names = (list: readonly string[]): string => (list.length === 0 ? 'none' : list.join(', '));
  return [
    `${colors.green('running')}  process ${running.pid} in ${data}, for ${since} (since ${running.startedAt.slice(0, 19)}Z)`,
    fact('version', `Headroom ${running.headroom}, Node ${running.node}`),
    fact('ports', `amqp=${ports.amqp},cosmos=${ports.cosmos},arm=${ports.arm}`),
    fact('keeps', keepsText(running)),
    fact('event hubs', names(entities.eventHubs)),
    fact('queues', names(entities.queues)),
    fact('topics', names(entities.topics)),
    fact('databases', names(entities.databases)),
  ];
}

const nameOf = ({ name }: { readonly name: string }): string => name;

const hubText = ({ name, partitions }: LocalEntities['amqp']['eventHubs'][number]): string =>
  `${name} (${partitions} partitions)`;

function serviceLine(
  service: string,
  at: string,
  names: readonly string[],
  colors: Colors,
): string {
  return `  ${service.padEnd(16)}  ${at.padEnd(25)}  ${colors.dim(names.join(', '))}`.trimEnd();
}

function keepsText({
  isInMemory,
  sync,
}: {
  readonly isInMemory: boolean;
  readonly sync: Sync;
}): string {
  if (isInMemory) return 'nothing is kept';
  const survives = sync === 'full' ? 'kill -9 and a loss of power' : 'kill -9';
  return `what it acknowledges survives ${survives}`;
}

const fact = (name: string, value: string): string => `  ${name.padEnd(16)}  ${value}`;

/** `.headroom` is what a command takes anyway. */
const dataArgument = (data: string): string => (data === '.headroom' ? '' : ` --data ${data}`);
