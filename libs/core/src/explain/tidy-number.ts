/** Digits after the point that a tidy number has at most. */
const decimalsMax = 12;

/**
 * The number with the fewest digits that lies at `edge` or beyond it as seen from `from`, hardly farther away, and that
 * `accepts`; `edge` itself where there is none.
 */
export function tidyBeyond(
  from: number,
  edge: number,
  accepts: (candidate: number) => boolean,
): number {
  const round = edge > from ? Math.ceil : Math.floor;
  const farthest = Math.abs(edge - from) * 1.01 + Math.abs(edge) * 1e-9;
  for (let decimals = 0; decimals <= decimalsMax; decimals++) {
    const scale = 10 ** decimals;
    const candidate = round(edge * scale) / scale;
    if (Math.abs(candidate - from) <= farthest && accepts(candidate)) return candidate;
  }
  return edge;
}

/** The values that lie at a boundary and next to it on both sides, a rounding error away and a little more. */
export function around(boundary: number): readonly number[] {
  const little = Math.abs(boundary) * 1e-12;
  const candidates = [
    boundary,
    nextUp(boundary),
    -nextUp(-boundary),
    boundary + little,
    boundary - little,
  ];
  return candidates.filter((value) => Number.isFinite(value));
}

/** The next greater double of a finite number. */
export function nextUp(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  // Adding 0 makes −0 into 0, whose bits count upwards.
  view.setFloat64(0, value + 0);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, bits >= 0n ? bits + 1n : bits - 1n);
  return view.getFloat64(0);
}
