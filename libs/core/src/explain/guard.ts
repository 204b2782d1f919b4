import { after } from '../lang/instant.ts';
import type { Instant } from '../lang/instant.ts';
import { budgetFreeAt } from '../decision/cooldown.ts';
import type { Decision } from '../decision/decision.ts';
import type { Reason } from '../decision/reasons.ts';
import { isInForce } from '../setting/override.ts';
import type { Override, OverrideKind } from '../setting/override.ts';
import type { Policy } from '../setting/policy.ts';
import type { Guard } from './explanation.ts';

/** What of the setting may hold a decision; a limit has no such policy. */
interface Holding {
  readonly overrides: readonly Override[];
  readonly policy?: Policy;
}

/** What held a decision, and until when that is certain to last. */
export function guardOf(decision: Decision, setting: Holding | undefined): Guard | undefined {
  const { outcome, reason, at } = decision;
  if (outcome !== 'Hold') return undefined;
  const until = endOf(decision, setting);
  return { reason, ...(until === undefined ? {} : { until, leftMs: until - at }) };
}

const overrideOf: Partial<Record<Reason, OverrideKind>> = {
  Paused: 'pause',
  Frozen: 'freeze',
  Pinned: 'pin',
};

function endOf(decision: Decision, setting: Holding | undefined): Instant | undefined {
  const { reason, at, state } = decision;
  const kind = overrideOf[reason];
  if (kind !== undefined) {
    return setting?.overrides.find((one) => one.kind === kind && isInForce(one, at))?.until;
  }
  switch (reason) {
    case 'Backoff':
      return state.backoff?.until;
    case 'Cooldown':
      return after(at, cooldownLeftMs(decision));
    case 'FlapBudget':
      return setting?.policy && budgetFreeAt({ policy: setting.policy, state, now: at });
    case 'Warming':
      return warmAt(decision);
    default:
      return undefined;
  }
}

/** Out: the first rule that may go. In: the last, since all must. */
function cooldownLeftMs({ rules, capacity }: Decision): number {
  const fired = rules.filter((rule) => rule.fired);
  const raising = fired.filter(
    ({ direction, proposed = 0 }) => direction === 'out' && proposed > (capacity.before ?? 0),
  );
  if (raising.length > 0) return Math.min(...raising.map((rule) => rule.cooldownLeftMs));
  const lowering = fired.filter(({ direction }) => direction === 'in');
  return Math.max(0, ...lowering.map((rule) => rule.cooldownLeftMs));
}

/**
 * When the last of the metrics counts as missing, where none has any data. With data it is its end that has to get there,
 * and what the record knows is when it would be too old.
 */
function warmAt({ rules }: Decision): Instant | undefined {
  const ends = rules
    .map(({ reading }) => reading)
    .filter(({ kind }) => kind === 'warming')
    .map(({ window }) => (window.frontier === undefined ? window.changesAt : undefined));
  const known = ends.filter((end) => end !== undefined);
  if (known.length === 0 || known.length < ends.length) return undefined;
  return known.reduce((a, b) => (a > b ? a : b));
}
