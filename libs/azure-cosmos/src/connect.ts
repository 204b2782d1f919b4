import { CosmosClient } from '@azure/cosmos';
import type { CosmosClientOptions } from '@azure/cosmos';
import type {
  AuditLog,
  LimitStore,
  Log,
  OperationLedger,
  PartitionLedger,
  RejectedStore,
  SettingStore,
  ShareStore,
  SnapshotStore,
} from '@headroom/ports';
import { CosmosAudit } from './audit.ts';
import { Documents } from './documents.ts';
import { CosmosLimits } from './limits.ts';
import { CosmosOperations } from './operations.ts';
import { CosmosPartitions } from './partitions.ts';
import { CosmosRejected } from './rejected.ts';
import { CosmosSettings } from './settings.ts';
import { CosmosShares } from './shares.ts';
import { CosmosSnapshots } from './snapshots.ts';

export interface CosmosOptions {
  readonly endpoint: string;
  /** Without a key the process's own identity is used (`DefaultAzureCredential`). */
  readonly key?: string;
  readonly database: string;
  /** Names of the containers; each has the name of its role where none is given. */
  readonly containers?: Partial<ContainerNames>;
}

export interface ContainerNames {
  readonly settings: string;
  readonly operations: string;
  readonly audit: string;
  readonly checkpoints: string;
  readonly rejected: string;
  readonly limits: string;
}

export interface CosmosStores {
  readonly settings: SettingStore;
  readonly operations: OperationLedger;
  readonly audit: AuditLog;
  readonly snapshots: SnapshotStore;
  readonly partitions: PartitionLedger;
  readonly rejected: RejectedStore;
  readonly limits: LimitStore;
  readonly shares: ShareStore;
  /** Ends the client's background work. */
  close(): void;
}

const requestTimeoutMs = 10_000;
/** Of throttled requests. The callers have back-offs of their own. */
const throttled = { maxRetryAttemptCount: 3, maxWaitTimeInSeconds: 5 };

const defaultNames: ContainerNames = {
  settings: 'settings',
  operations: 'operations',
  audit: 'audit',
  checkpoints: 'checkpoints',
  rejected: 'rejected',
  limits: 'limits',
};

/** Connects nothing yet: the first call does. The containers must be there. */
export function connectCosmos(options: CosmosOptions, log: Log): CosmosStores {
  const client = new CosmosClient(clientOptions(options));
  const database = client.database(options.database);
  const names = { ...defaultNames, ...options.containers };
  const documents = (role: keyof ContainerNames): Documents =>
    new Documents(database.container(names[role]));
  const checkpoints = documents('checkpoints');
  const limits = documents('limits');
  return {
    settings: new CosmosSettings(documents('settings'), log),
    operations: new CosmosOperations(documents('operations')),
    audit: new CosmosAudit(documents('audit'), log),
    snapshots: new CosmosSnapshots(checkpoints, log),
    partitions: new CosmosPartitions(checkpoints),
    rejected: new CosmosRejected(documents('rejected')),
    limits: new CosmosLimits(limits, log),
    shares: new CosmosShares(limits),
    close: () => client.dispose(),
  };
}

function clientOptions({ endpoint, key }: CosmosOptions): CosmosClientOptions {
  // A plain endpoint is the embedded Azure: it has one place, and would be sought under https otherwise.
  const discovery = !endpoint.startsWith('http:');
  return {
    endpoint,
    ...(key === undefined ? { aadCredentials: ownIdentity() } : { key }),
    connectionPolicy: {
      requestTimeout: requestTimeoutMs,
      retryOptions: throttled,
      enableEndpointDiscovery: discovery,
      enableBackgroundEndpointRefreshing: discovery,
    },
  };
}

type Credential = NonNullable<CosmosClientOptions['aadCredentials']>;

/** Loaded at the first token: where there is a key, the identity library is not. */
function ownIdentity(): Credential {
  let identity: Promise<Credential> | undefined;
  const load = async (): Promise<Credential> => {
    const { DefaultAzureCredential } = await import('@azure/identity');
    return new DefaultAzureCredential();
  };
  return {
    getToken: async (scopes, options) => (await (identity ??= load())).getToken(scopes, options),
  };
}
