import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { instant, targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { ProviderUnavailable } from '@headroom/ports';
import type { Claim, OperationProgress, ScaleTarget } from '@headroom/ports';

/** What the port's suite needs of an implementation. */
export interface ScaleTargetFixture {
  readonly targets: ScaleTarget;
  /** The same provider, seen by another process. */
  readonly elsewhere: ScaleTarget;
  /** A provider that does not answer. */
  readonly away: ScaleTarget;
  /** The handle, as that provider would have given it. */
  awayHandle(operation: string): string;
  /** Makes `blue` and `green` under a new endpoint, or account, of this name. */
  deploy(endpoint: string, instances: number): Promise<{ blue: TargetId; green: TargetId }>;
  /** Lets a little time pass. */
  pass(): Promise<void>;
  close(): Promise<void>;
}

/** Kinds of these suites do not keep it. */
const claim: Claim = { commandId: 'c', claimedAt: instant(0) };

/** Looks at an operation, at most. */
const looksMax = 200;

export function scaleTargetContract(name: string, make: () => Promise<ScaleTargetFixture>): void {
  describe(`ScaleTarget: ${name}`, () => {
    let fixture: ScaleTargetFixture;
    beforeAll(async () => {
      fixture = await make();
    });
    afterAll(() => fixture.close());

    const ended = async (operation: string, by = fixture.targets): Promise<OperationProgress> => {
      for (let looks = 0; looks < looksMax; looks++) {
        const progress = await by.poll(operation);
        if (progress.kind !== 'running') return progress;
        await fixture.pass();
      }
      throw new Error(`${operation} did not end`);
    };
    const accepted = async (target: TargetId, to: number): Promise<string> => {
      const reply = await fixture.targets.scale(target, to, claim);
      if (reply.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(reply)}`);
      return reply.operation;
    };

    test('deployments of one endpoint exclude each other, those of two do not', async () => {
      const one = await fixture.deploy('one', 1);
      const two = await fixture.deploy('two', 1);
      const key = (target: TargetId) => fixture.targets.exclusionKey(target);
      expect(key(one.blue)).toBe(key(one.green));
      expect(key(one.blue)).not.toBe(key(two.blue));
    });

    test('another kind of resource has no exclusion key', () => {
      const storage = targetId('/subscriptions/s/providers/microsoft.storage/storageaccounts/a');
      expect(fixture.targets.exclusionKey(storage)).toBeUndefined();
    });

    test('the capacity of a deployment at rest', async () => {
      const { blue } = await fixture.deploy('rest', 3);
      const reading = await fixture.targets.read(blue);
      expect(reading).toEqual({ kind: 'capacity', instances: 3, busy: false });
    });

    test('one that does not exist is not found, and not scaled', async () => {
      const { blue } = await fixture.deploy('missing', 1);
      const red = targetId(blue.replace(/blue$/, 'red'));
      expect(await fixture.targets.read(red)).toMatchObject({ kind: 'notFound' });
      const reply = await fixture.targets.scale(red, 2, claim);
      expect(reply).toMatchObject({ kind: 'refused', outcome: 'Rejected' });
    });

    test('a change is accepted, runs with the old capacity, and succeeds with the new one', async () => {
      const { blue } = await fixture.deploy('change', 2);
      const operation = await accepted(blue, 5);
      const during = await fixture.targets.read(blue);
      expect(during).toEqual({ kind: 'capacity', instances: 2, busy: true });
      expect(await ended(operation)).toEqual({ kind: 'succeeded' });
      const afterwards = await fixture.targets.read(blue);
      expect(afterwards).toEqual({ kind: 'capacity', instances: 5, busy: false });
    });

    test('the endpoint is busy meanwhile, for all its deployments', async () => {
      const { blue, green } = await fixture.deploy('busy', 1);
      const operation = await accepted(blue, 2);
      expect(await fixture.targets.scale(green, 2, claim)).toMatchObject({ kind: 'busy' });
      expect(await ended(operation)).toEqual({ kind: 'succeeded' });
      expect(await ended(await accepted(green, 2))).toEqual({ kind: 'succeeded' });
    });

    test('another process follows the operation by its handle, as often as it likes', async () => {
      const { blue } = await fixture.deploy('handover', 1);
      const operation = await accepted(blue, 2);
      expect(await ended(operation, fixture.elsewhere)).toEqual({ kind: 'succeeded' });
      expect(await fixture.elsewhere.poll(operation)).toEqual({ kind: 'succeeded' });
      expect(await fixture.elsewhere.read(blue)).toMatchObject({ instances: 2 });
    });

    test('a provider that does not answer is unavailable, for every call', async () => {
      const { blue } = await fixture.deploy('away', 1);
      const operation = await accepted(blue, 2);
      await expect(fixture.away.read(blue)).rejects.toThrow(ProviderUnavailable);
      await expect(fixture.away.scale(blue, 3, claim)).rejects.toThrow(ProviderUnavailable);
      await expect(fixture.away.poll(fixture.awayHandle(operation))).rejects.toThrow(
        ProviderUnavailable,
      );
      await ended(operation);
    });
  });
}
