import { limitOf } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import type { ScaleTarget } from '@headroom/ports';
import type { ApplierPorts } from './applier-ports.ts';
import { limitTargets } from './limit-targets.ts';

/** Everything that is scaled: what the provider holds, and limits. Only the former have operations to look at. */
export function scaledTargets(ports: ApplierPorts): ScaleTarget {
  const limits = limitTargets(ports);
  const of = (target: TargetId) => (limitOf(target) === undefined ? ports.targets : limits);
  return {
    exclusionKey: (target) => of(target).exclusionKey(target),
    read: (target) => of(target).read(target),
    scale: (target, to, claim) => of(target).scale(target, to, claim),
    poll: (operation) => ports.targets.poll(operation),
  };
}
