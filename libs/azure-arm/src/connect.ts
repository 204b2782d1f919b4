import type { TargetId } from '@headroom/core';
import type { Log, ScaleTarget } from '@headroom/ports';
import { aiClients, mlClients } from './access.ts';
import type { ArmOptions } from './access.ts';
import { mlDeployments } from './ml-deployments.ts';
import { modelDeployments } from './model-deployments.ts';
import { quotaPools } from './quota-pools.ts';

/** Every kind of resource that Azure Resource Manager scales for us, as one target. */
export function connectArm(options: ArmOptions, log: Log): ScaleTarget {
  const ai = aiClients(options);
  const kinds: ReadonlyMap<string, ScaleTarget> = new Map([
    ['mlDeployment', mlDeployments(mlClients(options))],
    ['modelDeployment', modelDeployments(ai)],
    ['quotaPool', quotaPools(ai)],
  ]);
  const kindOf = (target: TargetId): [string, ScaleTarget] => {
    for (const [name, kind] of kinds)
      if (kind.exclusionKey(target) !== undefined) return [name, kind];
    throw new TypeError(`${target} is of no kind that is scaled; ask exclusionKey first`);
  };
  return {
    exclusionKey: (target) => {
      for (const kind of kinds.values()) {
        const key = kind.exclusionKey(target);
        if (key !== undefined) return key;
      }
      return undefined;
    },
    read: (target) => kindOf(target)[1].read(target),
    scale: async (target, to, claim) => {
      const [name, kind] = kindOf(target);
      const reply = await kind.scale(target, to, claim);
      log.info('arm.scale', { target, to, reply: reply.kind });
      return reply.kind === 'accepted'
        ? { ...reply, operation: `${name}:${reply.operation}` }
        : reply;
    },
    poll: (operation) => {
      const colon = operation.indexOf(':');
      const kind = kinds.get(operation.slice(0, colon));
      if (kind === undefined) throw new TypeError(`an operation of an unknown kind: ${operation}`);
      return kind.poll(operation.slice(colon + 1));
    },
  };
}
