import { spread } from '@headroom/core';

export interface Claimant {
  readonly holder: string;
  /** What it would use, in the unit of what is shared. */
  readonly demand: number;
}

export interface Asking extends Claimant {
  /** What its largest call takes. */
  readonly least: number;
}

/** By which numbers of units may differ that are the same. */
const roundingUnits = 1e-6;

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
 * The same where an equal share would not hold somebody's largest call: then whoever asks has at least what its own takes, and
 * others what is left. Where there is too little for that some have it in this turn and others in the next.
 */
export function shareInTurn(
  units: number,
  claimants: readonly Asking[],
  turn: number,
): ReadonlyMap<string, number> {
  const asking = claimants.filter(({ demand }) => demand > 0);
  const equal = units / asking.length + roundingUnits;
  if (asking.every(({ least }) => least <= equal)) return shareOut(units, claimants);
  const having = havingTurn(units, asking, turn);
  return withLeast(
    units,
    claimants.map((one) => ({ ...one, least: having.get(one.holder) ?? 0 })),
  );
}

/** Who asks, and has what it needs at least in this turn: the order is another in each. Nobody needs more than there is. */
export function havingTurn(
  units: number,
  claimants: readonly Asking[],
  turn: number,
): ReadonlyMap<string, number> {
  const asking = claimants.filter(({ demand }) => demand > 0);
  const needed = asking.reduce((sum, { least }) => sum + least, 0);
  const ordered = needed <= units ? asking : inTurn(asking, turn);
  const having = new Map<string, number>();
  let left = units;
  for (const one of ordered) {
    const least = Math.min(one.least, units);
    if (least > left + roundingUnits) continue;
    having.set(one.holder, least);
    left -= least;
  }
  return having;
}

function inTurn(claimants: readonly Asking[], turn: number): readonly Asking[] {
  const ranked = claimants.map((one) => ({ one, rank: spread(`${turn}/${one.holder}`) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ one }) => one);
}

/** Of claims whose least parts have room beside each other. */
function withLeast(units: number, claimants: readonly Asking[]): ReadonlyMap<string, number> {
  const shares = shareOut(units, claimants);
  const isShort = ({ holder, demand, least }: Asking) =>
    demand > 0 && (shares.get(holder) ?? 0) < least - roundingUnits;
  const short = claimants.filter(isShort);
  if (short.length === 0) return shares;
  const rest = claimants.filter((one) => !isShort(one));
  const taken = short.reduce((sum, { least }) => sum + least, 0);
  const others = withLeast(Math.max(0, Math.floor(units - taken + roundingUnits)), rest);
  return new Map([...others, ...short.map(({ holder, least }) => [holder, least] as const)]);
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
