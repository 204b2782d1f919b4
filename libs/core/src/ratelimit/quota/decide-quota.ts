import type { Instant } from '../../lang/instant.ts';
import { inForce } from '../../decision/guards.ts';
import type { QuotaFacts } from '../../decision/quota-facts.ts';
import type { QuotaPoolContent } from '../../setting/autoscale-setting.ts';
import { advance } from './advance.ts';
import type { Advanced, AdvanceInput } from './advance.ts';

/** `advance` from what is recorded of a decision, with what people put above the pool's setting. */
export function decideQuota(
  { pool, policy, overrides }: Omit<QuotaPoolContent, 'kind'>,
  { state, use }: QuotaFacts,
  now: Instant,
  commandId: AdvanceInput['commandId'],
): Advanced {
  const input = { overrides, now };
  const paused = inForce(input, 'pause') === undefined ? undefined : ('Paused' as const);
  const held = paused ?? (inForce(input, 'freeze') === undefined ? undefined : ('Frozen' as const));
  return advance({
    pool,
    policy,
    state,
    use: (target) => use.find((one) => one.target === target),
    now,
    commandId,
    ...(held === undefined ? {} : { held }),
  });
}
