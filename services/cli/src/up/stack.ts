import { join } from 'node:path';
import { demoDeployment, endpointId } from '@headroom/demo';
import { environmentFileName, partOf, readEnvironmentFile, supervise } from '@headroom/runtime';
import type { ChildEvent, ChildSpec, Environment, Part, Supervisor } from '@headroom/runtime';
import { CommandFailed } from '../command-failed.ts';

/** The processes of a system on one machine, in the order in which they start. The embedded Azure ends last. */
export interface StackOptions {
  /** Absolute. */
  readonly dataDir: string;
  /** How many `ingest` processes share the partitions. */
  readonly instances: number;
  /** Keys are refused: the services come in by `DefaultAzureCredential`. */
  readonly disableLocalAuth: boolean;
  /** What only the gateway needs of its environment, beside that of the embedded Azure. */
  readonly gateway: (azure: Environment) => Environment;
  readonly onEvent: (event: ChildEvent) => void;
  /** Aborts the start. */
  readonly signal: AbortSignal;
  /** What does not end at once from then on is killed. */
  readonly hurry: AbortSignal;
}

/** Names among the children. */
export const azureName = 'azure';
export const gatewayName = 'gateway';
export const pollerName = 'poller';

export function startStack(options: StackOptions): Promise<Supervisor> {
  return supervise(childSpecs(options), {
    logDir: join(options.dataDir, 'logs'),
    onEvent: options.onEvent,
    signal: options.signal,
    hurry: options.hurry,
  });
}

type Children = Pick<StackOptions, 'dataDir' | 'instances' | 'disableLocalAuth' | 'gateway'>;

export function childSpecs(options: Children): ChildSpec[] {
  const access = options.disableLocalAuth ? ['--disable-local-auth'] : [];
  const azure: ChildSpec = {
    name: azureName,
    args: [...commandOf(azurePart()), '--data', options.dataDir, ...access],
    ready: { kind: 'line', matches: (line) => line.startsWith('{"ready":true') },
  };
  return [azure, ...serviceNames(options.instances).map(serviceSpec(options))];
}

/** `ingest`, `ingest-2`, …, `scaler`, `audit`, `poller`, `gateway`. */
export function serviceNames(instances: number): readonly string[] {
  const more = Array.from({ length: instances - 1 }, (_, index) => `ingest-${index + 2}`);
  return ['ingest', ...more, 'scaler', 'audit', pollerName, gatewayName];
}

/** Endpoints and keys of the embedded Azure; it writes them before it is ready. */
export function stackEnvironment(dataDir: string): Environment {
  const path = join(dataDir, environmentFileName);
  const env = readEnvironmentFile(path);
  if (env !== undefined) return env;
  throw new CommandFailed(`${path} has gone while the embedded Azure runs: start again`);
}

function serviceSpec({ dataDir, gateway }: Children): (name: string) => ChildSpec {
  return (name) => ({
    name,
    args: commandOf(servicePart(name.replace(/-\d+$/, ''))),
    // Read at each start: a restarted embedded Azure may have had to take another port.
    env: () => {
      const azure = stackEnvironment(dataDir);
      return { ...azure, HEALTH_PORT: '0', ...ownVariables(name, () => gateway(azure)) };
    },
    ready: { kind: 'health' },
  });
}

/** The demo pushes the metrics of one endpoint: asked of Azure Monitor as well they would count twice. */
function ownVariables(name: string, gateway: () => Environment): Environment {
  if (name === gatewayName) return gateway();
  return name === pollerName ? { POLL_SKIP: `${endpointId(demoDeployment)}*` } : {};
}

const commandOf = ({ file, args }: Part): readonly string[] => [file, ...args];

function azurePart(): Part {
  return partOf('azure', () => new URL('./main.ts', import.meta.resolve('@headroom/local-azure')));
}

function servicePart(service: string): Part {
  return partOf(service, () => new URL(`../../../${service}/src/main.ts`, import.meta.url));
}
