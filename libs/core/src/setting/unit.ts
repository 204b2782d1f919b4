import type { TargetId } from '../lang/target.ts';
import { isAccountId, limitOf } from './ai-account.ts';

/** What a capacity counts, for one of it and for many. */
export interface Unit {
  readonly one: string;
  readonly many: string;
}

const instances: Unit = { one: 'instance', many: 'instances' };
const calls: Unit = { one: 'call/s', many: 'calls/s' };
/** ARM's `sku.capacity`; how many tokens a minute one is differs by model. */
const quota: Unit = { one: 'unit', many: 'units' };

/**
 * What the target's capacity counts: calls a second of a limit, or of every limit of an account; units of a model deployment
 * and of a quota pool; else instances.
 */
export function unitOf(target: TargetId): Unit {
  if (limitOf(target) !== undefined || isAccountId(target)) return calls;
  return target.includes('/providers/microsoft.cognitiveservices/') ? quota : instances;
}

/** `1 instance`, `14.7 calls/s`, `20 units`. */
export function amountText(target: TargetId, amount: number): string {
  const { one, many } = unitOf(target);
  return `${amount} ${amount === 1 ? one : many}`;
}
