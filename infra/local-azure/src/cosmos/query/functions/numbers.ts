import type { Functions } from './function.ts';
import { onNumbers } from './function.ts';

const of1 = (apply: (value: number) => number) => onNumbers(1, (value = 0) => apply(value));
const integer = (apply: (left: bigint, right: bigint) => bigint) =>
  onNumbers(2, (left = 0, right = 0) => {
    const isWhole = Number.isSafeInteger(left) && Number.isSafeInteger(right);
    return isWhole ? Number(apply(BigInt(left), BigInt(right))) : NaN;
  });

/** Half away from zero, as the service rounds. */
const round = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

export const numberFunctions: Functions = {
  ABS: of1(Math.abs),
  ACOS: of1(Math.acos),
  ASIN: of1(Math.asin),
  ATAN: of1(Math.atan),
  ATN2: onNumbers(2, (y = 0, x = 0) => Math.atan2(y, x)),
  CEILING: of1(Math.ceil),
  COS: of1(Math.cos),
  COT: of1((value) => 1 / Math.tan(value)),
  DEGREES: of1((value) => (value * 180) / Math.PI),
  EXP: of1(Math.exp),
  FLOOR: of1(Math.floor),
  LOG: {
    arity: [1, 2],
    apply: (value, base = Math.E) => {
      if (typeof value !== 'number' || typeof base !== 'number') return undefined;
      const result = base === Math.E ? Math.log(value) : Math.log(value) / Math.log(base);
      return Number.isFinite(result) ? result : undefined;
    },
  },
  LOG10: of1(Math.log10),
  PI: onNumbers(0, () => Math.PI),
  POWER: onNumbers(2, (base = 0, exponent = 0) => base ** exponent),
  RADIANS: of1((value) => (value * Math.PI) / 180),
  ROUND: of1(round),
  SIGN: of1(Math.sign),
  SIN: of1(Math.sin),
  SQRT: of1(Math.sqrt),
  SQUARE: of1((value) => value * value),
  TAN: of1(Math.tan),
  TRUNC: of1(Math.trunc),
  INTADD: integer((left, right) => BigInt.asIntN(64, left + right)),
  INTSUB: integer((left, right) => BigInt.asIntN(64, left - right)),
  INTMUL: integer((left, right) => BigInt.asIntN(64, left * right)),
};
