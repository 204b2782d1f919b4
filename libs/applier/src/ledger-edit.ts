import type { OperationHead, OperationState, VersionedHead } from '@headroom/ports';
import type { ApplierPorts } from './applier-ports.ts';
import { conflictsMax } from './limits.ts';

/** `conflict`: somebody replaced the head meanwhile; read it and judge again. */
export type Done = 'settled' | 'conflict';

/**
 * Changes the state of a head that this process holds. Others may add to what the head remembers meanwhile, so it is
 * read again until `holds` says no: then it was lost to a successor, and nothing is written.
 */
export async function moveHead(
  ports: ApplierPorts,
  written: VersionedHead,
  holds: (head: OperationHead) => boolean,
  state: OperationState,
): Promise<VersionedHead | undefined> {
  let current: VersionedHead | undefined = written;
  for (let tries = 0; tries < conflictsMax && current !== undefined; tries++) {
    if (!holds(current.head)) return undefined;
    const head: OperationHead = { ...current.head, state };
    const replaced = await ports.ledger.replace(head, current.etag);
    if (replaced.kind === 'written') return { head, etag: replaced.etag };
    current = await ports.ledger.read(head.exclusionKey);
  }
  return undefined;
}
