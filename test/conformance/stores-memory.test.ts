import {
  MemoryAudit,
  MemoryLimits,
  MemoryOperations,
  MemoryPartitions,
  MemoryRejected,
  MemorySettings,
  MemoryShares,
  MemorySnapshots,
  VirtualClock,
} from '@headroom/memory';
import { decodeSettingContent, encodeOverrides, encodeAnyPolicy } from '@headroom/wire';
import { auditLogContract } from './audit-log.contract.ts';
import { limitStoreContract } from './limit-store.contract.ts';
import { operationLedgerContract } from './operation-ledger.contract.ts';
import { partitionLedgerContract } from './partition-ledger.contract.ts';
import { rejectedStoreContract } from './rejected-store.contract.ts';
import { noon } from './samples.ts';
import { settingStoreContract } from './setting-store.contract.ts';
import { shareStoreContract } from './share-store.contract.ts';
import { snapshotStoreContract } from './snapshot-store.contract.ts';

const settings = new MemorySettings((document, policy, overrides, shadows) =>
  decodeSettingContent(document, encodeAnyPolicy(policy), encodeOverrides(overrides), shadows),
);
const operations = new MemoryOperations();
const audit = new MemoryAudit();
const snapshots = new MemorySnapshots();
const partitions = new MemoryPartitions(new VirtualClock(noon));
const rejected = new MemoryRejected();
const limits = new MemoryLimits();
const shares = new MemoryShares();

settingStoreContract('memory', () => settings);
limitStoreContract('memory', () => limits);
shareStoreContract('memory', () => shares);
operationLedgerContract('memory', () => operations);
auditLogContract('memory', () => audit);
snapshotStoreContract('memory', () => snapshots);
partitionLedgerContract('memory', () => partitions);
rejectedStoreContract('memory', () => ({
  store: rejected,
  kept: (source) => Promise.resolve(rejected.records.filter((record) => record.source === source)),
}));
