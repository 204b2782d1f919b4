import type { TargetId } from '../lang/target.ts';
import type { CapacityLimits } from './autoscale-setting.ts';
import type { Policy } from './policy.ts';

/** Messaging units of a premium Service Bus namespace. */
const messagingUnits: readonly number[] = [1, 2, 4, 8, 16];

/** The counts that a target takes, ascending; `undefined`: every whole number. The policy's word is the last. */
export function ladderOf(policy: Policy, target: TargetId): readonly number[] | undefined {
  if (policy.capacityLadder !== undefined) return policy.capacityLadder;
  const isNamespace = /\/providers\/microsoft\.servicebus\/namespaces\/[^/]+$/.test(target);
  return isNamespace ? messagingUnits : undefined;
}

/** The next allowed count above or below `current` within the bounds; `current` where there is none. */
export function nextAllowed(
  ladder: readonly number[] | undefined,
  current: number,
  direction: 'out' | 'in',
  { minimum, maximum }: CapacityLimits,
): number {
  const next = direction === 'out' ? current + 1 : current - 1;
  const steps = ladder ?? [next];
  const within = steps.filter((count) => count >= minimum && count <= maximum);
  if (direction === 'out') return within.find((count) => count > current) ?? current;
  return within.findLast((count) => count < current) ?? current;
}
