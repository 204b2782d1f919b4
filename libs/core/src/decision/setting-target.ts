import { targetId } from '../lang/target.ts';
import type { TargetId } from '../lang/target.ts';
import { limitOf } from '../setting/ai-account.ts';
import { isPoolId } from '../setting/quota-pool.ts';
import type { Decision } from './decision.ts';

/**
 * Under which target the setting is kept that a decision was made with: of a limit its account, of a model deployment the
 * pool, which the setting's id names; of anything else the target itself.
 */
export function settingTargetOf({
  target,
  setting,
}: Pick<Decision, 'target' | 'setting'>): TargetId {
  const limit = limitOf(target);
  if (limit !== undefined) return limit.account;
  const id = targetId(setting.id);
  return isPoolId(id) ? id : target;
}
