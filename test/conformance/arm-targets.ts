import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { instant } from '@headroom/core';
import { connectArm } from '@headroom/azure-arm';
import type { ArmOptions } from '@headroom/azure-arm';
import type { Claim } from '@headroom/ports';
import type { TestAzure } from './local-azure.ts';
import { quietLog } from './quiet-log.ts';
import type { ScaleTargetFixture } from './scale-target-contract.ts';

/** Azure keeps no claim. */
export const claim: Claim = { commandId: 'c', claimedAt: instant(0) };

export const place = {
  subscription: '11111111-2222-3333-4444-555555555555',
  resourceGroup: 'Group',
  location: 'westeurope',
};

/** Where nobody listens. */
export const nowhere = 'https://localhost:1';

export function armAccess(azure: TestAzure): ArmOptions {
  const { ARM_ENDPOINT: endpoint, ARM_TOKEN: token, NODE_EXTRA_CA_CERTS: ca } = azure.current().env;
  return { endpoint, token, ca: readFileSync(ca, 'utf8') };
}

/** What the port's suite needs, through ARM. */
export function throughArm(
  access: () => ArmOptions,
  deploy: ScaleTargetFixture['deploy'],
): () => Promise<ScaleTargetFixture> {
  return () =>
    Promise.resolve({
      targets: connectArm(access(), quietLog),
      elsewhere: connectArm(access(), quietLog),
      away: connectArm({ ...access(), endpoint: nowhere }, quietLog),
      awayHandle: (operation) => operation.replaceAll(access().endpoint ?? '', nowhere),
      deploy,
      // Its operations take real time: the next look comes a little later.
      pass: () => pause(20),
      close: () => Promise.resolve(),
    });
}
