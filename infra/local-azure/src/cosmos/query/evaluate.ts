import type { Json } from '../../json.ts';
import { isObject } from '../../json.ts';
import { compareValues, deepEqual, typeRank } from './order.ts';
import type { Comparison, Expression, Path } from './query.ts';

/** What an expression gives for an item; `undefined` is a value of its own, as in Cosmos DB. */
export function evaluate(expression: Expression, item: Json): Json | undefined {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'path':
      return valueAt(item, expression.path);
    case 'compare':
      return compare(
        expression.operator,
        evaluate(expression.left, item),
        evaluate(expression.right, item),
      );
    case 'and':
      return both(evaluate(expression.left, item), () => evaluate(expression.right, item));
    case 'or':
      return either(evaluate(expression.left, item), () => evaluate(expression.right, item));
    case 'not':
      return negate(evaluate(expression.operand, item));
    case 'in':
      return isIn(
        evaluate(expression.value, item),
        expression.list.map((each) => evaluate(each, item)),
      );
    case 'isDefined':
      return evaluate(expression.operand, item) !== undefined;
    case 'startsWith':
      return startsWith(
        evaluate(expression.text, item),
        evaluate(expression.prefix, item),
        evaluate(expression.ignoreCase, item),
      );
  }
}

/** A condition holds only when it is `true`: neither `undefined` nor a number will do. */
export function matches(where: Expression | undefined, item: Json): boolean {
  return where === undefined || evaluate(where, item) === true;
}

export function valueAt(item: Json, path: Path): Json | undefined {
  let value: Json | undefined = item;
  for (const step of path) {
    if (typeof step === 'number') value = Array.isArray(value) ? elementAt(value, step) : undefined;
    else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

const elementAt = (list: readonly Json[], index: number): Json | undefined => list[index];

/** Values of different types do not compare: the result is undefined, so that NOT does not turn it true. */
function compare(
  operator: Comparison,
  left: Json | undefined,
  right: Json | undefined,
): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  if (typeRank(left) !== typeRank(right)) return undefined;
  if (operator === '=') return deepEqual(left, right);
  if (operator === '!=') return !deepEqual(left, right);
  if (typeof left === 'object' && left !== null) return undefined;
  const order = compareValues(left, right);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function both(left: Json | undefined, evaluateRight: () => Json | undefined): boolean | undefined {
  if (left === false) return false;
  const right = evaluateRight();
  if (right === false) return false;
  return left === true && right === true ? true : undefined;
}

function either(
  left: Json | undefined,
  evaluateRight: () => Json | undefined,
): boolean | undefined {
  if (left === true) return true;
  const right = evaluateRight();
  if (right === true) return true;
  return left === false && right === false ? false : undefined;
}

const negate = (value: Json | undefined): boolean | undefined =>
  typeof value === 'boolean' ? !value : undefined;

/** As `x = a OR x = b …`. */
function isIn(value: Json | undefined, list: readonly (Json | undefined)[]): boolean | undefined {
  let result: boolean | undefined = false;
  for (const each of list) result = either(result, () => compare('=', value, each));
  return result;
}

function startsWith(
  text: Json | undefined,
  prefix: Json | undefined,
  ignoreCase: Json | undefined,
): boolean | undefined {
  if (typeof text !== 'string' || typeof prefix !== 'string') return undefined;
  if (typeof ignoreCase !== 'boolean') return undefined;
  return ignoreCase ? text.toLowerCase().startsWith(prefix.toLowerCase()) : text.startsWith(prefix);
}
