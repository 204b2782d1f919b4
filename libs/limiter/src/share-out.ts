import { spread } from '@headroom/core';

export interface Claimant {
  readonly holder: string;
  /** What it would use, in the unit of what is shared. */
  readonly demand: number;
}

/**
 * Whole units for everyone: first what each asks for, the small demands whole and the great ones equally (max-min fair), then
 * what is left equally. Everyone who computes it from the same claims finds the same.
 */
export function shareOut(
  units: number,
  claimants: readonly Claimant[],
): ReadonlyMap<string, number> {
  const ordered = [...claimants].sort(
    (a, b) => a.demand - b.demand || (a.holder < b.holder ? -1 : 1),
  );
  const shares = new Map<string, number>();
  let left = units;
  ordered.forEach(({ holder, demand }, index) => {
    const share = Math.min(demand, left / (ordered.length - index));
    shares.set(holder, share);
    left -= share;
  });
  for (const [holder, share] of shares) shares.set(holder, share + left / ordered.length);
  return whole(units, shares);
}

/**
 * The same where a call takes `least` units: if a share would hold none, only as many holders as there is room for have
 * one, others in the next turn.
 */
export function shareInTurn(
  units: number,
  claimants: readonly Claimant[],
  least: number,
  turn: number,
): ReadonlyMap<string, number> {
  const asking = claimants.filter(({ demand }) => demand > 0);
  if (asking.length * least <= units || asking.length < 2) return shareOut(units, claimants);
  const rank = ({ holder }: Claimant) => spread(`${turn}/${holder}`);
  const having = asking
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, Math.max(1, Math.floor(units / least)))
    .map(({ holder }) => ({ holder, demand: units }));
  return shareOut(units, having);
}

/** Rounds down; units that are over go to the largest remainders. */
function whole(units: number, shares: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const rounded = [...shares].map(([holder, share]) => {
    // A share that misses a whole unit by an error of rounding is that unit.
    const floor = Math.floor(share + 1e-9);
    return { holder, floor, rest: Math.round((share - floor) * 1e6) };
  });
  let over = units - rounded.reduce((sum, { floor }) => sum + floor, 0);
  rounded.sort((a, b) => b.rest - a.rest || (a.holder < b.holder ? -1 : 1));
  return new Map(rounded.map(({ holder, floor }) => [holder, floor + (over-- >= 1 ? 1 : 0)]));
}
