import { baseTps, limitOf } from '@headroom/core';
import type { SettingVersion, TargetId } from '@headroom/core';
import type { CapacityReading, Claim, ScaleReply, ScaleTarget } from '@headroom/ports';
import type { ApplierPorts } from './applier-ports.ts';

/**
 * Limits of AI services accounts: the capacity is calls a second. Setting one takes effect at once and excludes nobody but
 * other writers of the same limit, of whom the controller keeps the one that was claimed last.
 */
export function limitTargets(
  ports: Pick<ApplierPorts, 'limits' | 'settings'>,
): Omit<ScaleTarget, 'poll'> {
  return {
    exclusionKey: (target) => (limitOf(target) === undefined ? undefined : target),
    read: (target) => read(ports, target),
    scale: (target, to, claim) => set(ports, target, to, claim),
  };
}

/** A limit that nobody has set yet is where its account's setting begins. */
async function read(
  { limits, settings }: Pick<ApplierPorts, 'limits' | 'settings'>,
  target: TargetId,
): Promise<CapacityReading> {
  const { account, key } = partsOf(target);
  const held = await limits.read(account);
  if (held !== undefined && 'kind' in held) {
    return { kind: 'notFound', detail: `${held.code}: ${held.detail}` };
  }
  const tps = held?.limits.find((limit) => limit.key === key)?.tps;
  if (tps === undefined) return beginning(await settings.read(account), key);
  return { kind: 'capacity', instances: tps, busy: false };
}

function beginning(setting: SettingVersion | undefined, key: string): CapacityReading {
  if (setting?.content.kind !== 'rateLimit') {
    const detail =
      'nobody set the limit, and its account has no setting: `headroom apply` makes one.';
    return { kind: 'notFound', detail };
  }
  const { account, policy } = setting.content;
  const rule = account.rules.find((one) => one.key.toLowerCase() === key);
  if (rule === undefined) {
    const known = account.rules.map((one) => one.key).join(', ');
    return { kind: 'notFound', detail: `its account has no such rule. It has: ${known}.` };
  }
  const detail = 'Nobody has set it yet: it is at its default.';
  return { kind: 'capacity', instances: baseTps(rule, policy), busy: false, detail };
}

async function set(
  { limits }: Pick<ApplierPorts, 'limits'>,
  target: TargetId,
  tps: number,
  claim: Claim,
): Promise<ScaleReply> {
  const reply = await limits.set({ ...partsOf(target), tps, ...claim });
  switch (reply) {
    case 'set':
      return { kind: 'applied' };
    case 'stale':
      return { kind: 'overtaken' };
    default:
      return reply;
  }
}

function partsOf(target: TargetId) {
  const parts = limitOf(target);
  if (parts === undefined) throw new TypeError(`${target} is no limit`);
  return parts;
}
