import { instant } from '../../lang/instant.ts';
import { targetId } from '../../lang/target.ts';
import { defaultQuotaPoolPolicy } from '../../setting/quota-pool.ts';
import type { PooledDeployment } from '../../setting/quota-pool.ts';
import type { AdvanceInput } from './advance.ts';
import type { MemberUse, PoolState } from '../../decision/quota-facts.ts';

/** `a`, with 50 throttled of 100 calls, and the idle `b`: 20 and 40 of a quota without anything free. */
export function busyAndIdle(
  changes: { readonly a?: Partial<PooledDeployment>; readonly b?: Partial<PooledDeployment> } = {},
): AdvanceInput {
  const use: Readonly<Record<string, MemberUse>> = {
    a: { throttled: 50, served: 50, used: 20 },
    b: { throttled: 0, served: 10, used: 4 },
  };
  let asked = 0;
  return {
    pool: {
      id: targetId('pool'),
      name: 'made-up',
      deployments: [deployment('a', changes.a), deployment('b', changes.b)],
    },
    policy: { ...defaultQuotaPoolPolicy, reserve: 0 },
    state: stateOf(20, 40),
    use: (target) => use[target],
    now: instant(1_000_000),
    commandId: (target, kind) => `${kind} ${target} ${++asked}`,
  };
}

export function stateOf(a: number, b: number, free = 0): PoolState {
  return {
    members: [
      { target: targetId('a'), capacity: a },
      { target: targetId('b'), capacity: b },
    ],
    free: { amount: free, observedAt: instant(1_000_000) },
  };
}

function deployment(name: string, changes: Partial<PooledDeployment> = {}): PooledDeployment {
  const bounds = { guarantee: 10, maximum: 100, priority: 1, minimum: 1, step: 1 };
  return { target: targetId(name), ...bounds, ...changes };
}
