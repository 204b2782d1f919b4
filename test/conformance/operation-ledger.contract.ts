import { describe, expect, test } from '@jest/globals';
import type { OperationLedger } from '@headroom/ports';
import { aCommand, aHead, anOutcome, newTarget } from './samples.ts';

export function operationLedgerContract(name: string, ledger: () => OperationLedger): void {
  describe(`OperationLedger, ${name}`, () => {
    test('knows nothing of a key that nobody claimed', async () => {
      expect(await ledger().read(newTarget())).toBeUndefined();
    });

    test('gives a head back as it was claimed', async () => {
      const head = aHead(aCommand(newTarget()));
      const claimed = await ledger().replace(head, undefined);
      expect(claimed.kind).toBe('written');
      expect(await ledger().read(head.exclusionKey)).toEqual({ head, etag: etagOf(claimed) });
    });

    test('keeps a running operation and its outcomes whole', async () => {
      const command = aCommand(newTarget());
      const outcome = anOutcome(command);
      const claimedAt = command.decidedAt;
      const running = {
        ...aHead(command),
        state: {
          kind: 'running',
          claimedAt,
          startedAt: claimedAt,
          operation: '{"state":"https://management.azure.com/x?api-version=1"}',
          attempt: 3,
        },
        recent: [outcome],
      } as const;
      const written = await ledger().replace(running, undefined);
      const done = { ...running, state: { kind: 'done', outcome, delivered: false } } as const;
      expect((await ledger().read(running.exclusionKey))?.head).toEqual(running);
      await ledger().replace(done, etagOf(written));
      expect((await ledger().read(running.exclusionKey))?.head).toEqual(done);
    });

    test('refuses a claim over a head that was not read', async () => {
      const head = aHead(aCommand(newTarget()));
      await ledger().replace(head, undefined);
      expect(await ledger().replace(head, undefined)).toEqual({ kind: 'conflict' });
    });

    test('refuses a claim over a head that changed meanwhile', async () => {
      const head = aHead(aCommand(newTarget()));
      const old = etagOf(await ledger().replace(head, undefined));
      await ledger().replace({ ...head, recent: [anOutcome(head.command)] }, old);
      expect(await ledger().replace(head, old)).toEqual({ kind: 'conflict' });
    });

    test.each(['no head', 'a head'])('lets one of many claims over %s win', async (before) => {
      const target = newTarget();
      const head = aHead(aCommand(target));
      const etag =
        before === 'a head' ? etagOf(await ledger().replace(head, undefined)) : undefined;
      const rivals = Array.from({ length: 8 }, () => aHead(aCommand(target)));
      const claims = await Promise.all(rivals.map((rival) => ledger().replace(rival, etag)));
      const winners = rivals.filter((_, index) => claims[index]?.kind === 'written');
      expect(winners).toHaveLength(1);
      expect((await ledger().read(head.exclusionKey))?.head).toEqual(winners[0]);
    });
  });
}

function etagOf(replaced: Awaited<ReturnType<OperationLedger['replace']>>): string {
  if (replaced.kind !== 'written') throw new Error('a conflict where none was expected');
  return replaced.etag;
}
