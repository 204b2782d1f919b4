import { afterAll, beforeAll } from '@jest/globals';
import { CosmosClient } from '@azure/cosmos';
import { connectCosmos } from '@headroom/azure-cosmos';
import type { CosmosStores } from '@headroom/azure-cosmos';
import type { RejectedRecord } from '@headroom/ports';
import { cosmos } from '@headroom/topology';
import { auditLogContract } from './audit-log.contract.ts';
import { useLocalAzure } from './local-azure.ts';
import { limitStoreContract } from './limit-store.contract.ts';
import { operationLedgerContract } from './operation-ledger.contract.ts';
import { partitionLedgerContract } from './partition-ledger.contract.ts';
import { quietLog } from './quiet-log.ts';
import { rejectedStoreContract } from './rejected-store.contract.ts';
import { settingStoreContract } from './setting-store.contract.ts';
import { shareStoreContract } from './share-store.contract.ts';
import { snapshotStoreContract } from './snapshot-store.contract.ts';

const azure = useLocalAzure();
let stores: CosmosStores;
let client: CosmosClient;

beforeAll(() => {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key } = azure.current().env;
  stores = connectCosmos({ endpoint, key, database: cosmos.database }, quietLog);
  const connectionPolicy = { enableEndpointDiscovery: false };
  client = new CosmosClient({ endpoint, key, connectionPolicy });
});

afterAll(() => {
  stores.close();
  client.dispose();
});

settingStoreContract('Cosmos DB', () => stores.settings);
limitStoreContract('Cosmos DB', () => stores.limits);
shareStoreContract('Cosmos DB', () => stores.shares);
operationLedgerContract('Cosmos DB', () => stores.operations);
auditLogContract('Cosmos DB', () => stores.audit);
snapshotStoreContract('Cosmos DB', () => stores.snapshots);
partitionLedgerContract('Cosmos DB', () => stores.partitions);
rejectedStoreContract('Cosmos DB', () => ({ store: stores.rejected, kept: rejectedOf }));

async function rejectedOf(source: string): Promise<readonly RejectedRecord[]> {
  const container = client.database(cosmos.database).container(cosmos.containers.rejected.name);
  const query = 'SELECT c.partition AS source, c.sequence, c.index, c.reason, c.excerpt FROM c';
  const { resources } = await container.items
    .query<RejectedRecord>(query, { partitionKey: source })
    .fetchAll();
  return resources;
}
