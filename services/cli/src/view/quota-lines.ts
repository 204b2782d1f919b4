import { amountText } from '@headroom/core';
import type { MemberState, QuotaFacts, TargetId } from '@headroom/core';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';

/** What was known of a pool: its deployments, what is free, and the move that was on its way. */
export function quotaLines({ state, use }: QuotaFacts, pool: TargetId): readonly string[] {
  const { members, free, move } = state;
  return [
    ...members.map((member) => memberLine(member, use)),
    free === undefined
      ? 'what is free was not known'
      : `${amountText(pool, free.amount)} free, as of ${formatInstant(free.observedAt)}`,
    ...(move === undefined ? [] : [`a move is ${move.phase}: ${move.text}`]),
  ];
}

/** `openai/b: 40 units, uses 8 %, 0 calls a minute answered 429`. */
function memberLine({ target, capacity, inFlight }: MemberState, use: QuotaFacts['use']): string {
  const seen = use.find((one) => one.target === target);
  return [
    `${shortName(target)}: ${capacity === undefined ? 'capacity not known' : amountText(target, capacity)}`,
    ...(seen === undefined ? ['what it does is not known'] : usedTexts(seen, capacity)),
    ...(inFlight === undefined ? [] : [`on its way to ${amountText(target, inFlight.to)}`]),
  ].join(', ');
}

function usedTexts(
  { used, throttled }: QuotaFacts['use'][number],
  capacity: number | undefined,
): readonly string[] {
  const share =
    capacity === undefined || capacity === 0 ? [] : [`uses ${percent(used / capacity)}`];
  return [...share, `${Math.round(throttled)} calls a minute answered 429`];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
