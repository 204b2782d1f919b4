/**
 * Whether the `length` bytes at `a` and at `b` are the same; plain ones (`isPlain`), in views that
 * hold them. Eight at a time, as doubles: no text of ASCII makes a NaN, which would equal nothing,
 * or a zero, which would equal its negative. The last words overlap.
 */
export function sameBytes(
  view: DataView,
  a: number,
  other: DataView,
  b: number,
  length: number,
): boolean {
  const last = length - 8;
  if (last < 0) return sameFew(view, a, other, b, length);
  for (let i = 0; i < last; i += 8) {
    if (view.getFloat64(a + i, true) !== other.getFloat64(b + i, true)) return false;
  }
  return view.getFloat64(a + last, true) === other.getFloat64(b + last, true);
}

function sameFew(view: DataView, a: number, other: DataView, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) {
    if (view.getUint8(a + i) !== other.getUint8(b + i)) return false;
  }
  return true;
}
