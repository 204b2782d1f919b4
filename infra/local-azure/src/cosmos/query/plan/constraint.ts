import type { Json } from '../../../json.ts';
import * as keys from '../../item-index/key-range.ts';
import type { KeyRanges } from '../../item-index/key-range.ts';
import type { Comparison, Expression, Path } from '../query.ts';
import { itemPath } from '../query.ts';

/** Paths of one condition that are looked at; more make no better plan. */
const MAX_PATHS = 16;

/**
 * What the value at a path must lie in where the condition holds: more than what matches, never less.
 * Undefined says nothing about the path.
 */
export function constraintOn(where: Expression | undefined, path: Path): KeyRanges | undefined {
  switch (where?.kind) {
    case 'and':
      return where.operands
        .map((each) => constraintOn(each, path))
        .filter((each) => each !== undefined)
        .reduce<KeyRanges | undefined>(
          (left, right) => (left === undefined ? right : keys.intersect(left, right)),
          undefined,
        );
    case 'or': {
      const parts = where.operands.map((each) => constraintOn(each, path));
      const known = parts.filter((each) => each !== undefined);
      return known.length === parts.length ? keys.union(known.flat()) : undefined;
    }
    case 'compare':
      return compared(where, path);
    case 'in':
      return listed(where, path);
    case 'call':
      return called(where, path);
    case 'member':
      return isAt(where, path) ? [keys.pointOf(true)] : undefined;
    default:
      return undefined;
  }
}

/** Paths that the condition compares with constants. */
export function comparedPaths(where: Expression | undefined): readonly Path[] {
  const found = new Map<string, Path>();
  const visit = (each: Expression | undefined): void => {
    if (each?.kind === 'and' || each?.kind === 'or') each.operands.forEach(visit);
    else for (const path of pathsOf(each)) found.set(JSON.stringify(path), path);
  };
  visit(where);
  return [...found.values()].slice(0, MAX_PATHS);
}

function pathsOf(expression: Expression | undefined): readonly Path[] {
  const sides = (() => {
    switch (expression?.kind) {
      case 'compare':
        return [expression.left, expression.right];
      case 'in':
        return [expression.value];
      case 'call':
        return expression.list.slice(0, 1);
      case 'member':
        return [expression];
      default:
        return [];
    }
  })();
  return sides.map(itemPath).filter((path) => path !== undefined && path.length > 0) as Path[];
}

const TURNED: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function compared(
  { operator, left, right }: Extract<Expression, { kind: 'compare' }>,
  path: Path,
): KeyRanges | undefined {
  const isLeft = isAt(left, path);
  const other = isLeft ? right : left;
  if ((!isLeft && !isAt(right, path)) || other.kind !== 'constant') return undefined;
  if (other.value === undefined) return [];
  return sideOf(isLeft ? operator : TURNED[operator], other.value);
}

function sideOf(operator: Comparison, value: Json): KeyRanges | undefined {
  if (operator === '!=') return undefined;
  if (operator === '=') return [keys.pointOf(value)];
  // Lists and objects have no order: nothing is below or above one.
  if (typeof value === 'object' && value !== null) return [];
  return [keys.sideOf(operator, value)];
}

function listed(
  { value, list }: Extract<Expression, { kind: 'in' }>,
  path: Path,
): KeyRanges | undefined {
  if (!isAt(value, path) || !list.every((each) => each.kind === 'constant')) return undefined;
  const wanted = list.map((each) => each.value).filter((each) => each !== undefined);
  return keys.union(wanted.map(keys.pointOf));
}

function called(
  { name, list }: Extract<Expression, { kind: 'call' }>,
  path: Path,
): KeyRanges | undefined {
  const [first, second, third] = list;
  if (first === undefined || !isAt(first, path)) return undefined;
  if (name === 'IS_DEFINED') return [keys.definedOnly()];
  if (name !== 'STARTSWITH' || second?.kind !== 'constant' || third !== undefined) return undefined;
  return typeof second.value === 'string' ? [keys.startingWith(second.value)] : [];
}

function isAt(expression: Expression, path: Path): boolean {
  const own = itemPath(expression);
  return own?.length === path.length && own.every((step, index) => step === path[index]);
}
