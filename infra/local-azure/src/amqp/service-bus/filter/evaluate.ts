import type { AmqpValue } from '../../protocol/values.ts';
import type { FilteredMessage } from './filtered-message.ts';
import { isLike } from './like.ts';
import type { Comparison, Constant, Operand, Predicate, Property } from './predicate.ts';

/** SQL's three values. Only what is true matches. */
export type Truth = true | false | 'unknown';

/**
 * Evaluates a filter as Microsoft's page on it says: a property that is absent, or null, is unknown,
 * and so is every comparison with it. Values of different types are not compared: that is unknown
 * too (Azure calls it an error of the filter and makes the message a dead letter, if so configured).
 */
export function evaluate(predicate: Predicate, message: FilteredMessage): Truth {
  switch (predicate.kind) {
    case 'and':
      return and(evaluate(predicate.left, message), evaluate(predicate.right, message));
    case 'or':
      return not(
        and(not(evaluate(predicate.left, message)), not(evaluate(predicate.right, message))),
      );
    case 'not':
      return not(evaluate(predicate.of, message));
    case 'compare': {
      const { operator, left, right } = predicate;
      return compare(operator, valueOf(left, message), valueOf(right, message));
    }
    case 'in':
      return negateIf(
        predicate.negated,
        isOneOf(valueOf(predicate.operand, message), predicate.constants),
      );
    case 'like': {
      const value = valueOf(predicate.operand, message);
      const matches = typeof value === 'string' ? isLike(value, predicate.pattern) : 'unknown';
      return negateIf(predicate.negated, matches);
    }
    case 'isNull':
      return ((lookUp(predicate.property, message) ?? null) === null) !== predicate.negated;
    case 'exists':
      return lookUp(predicate.property, message) !== undefined;
  }
}

function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === true && right === true ? true : 'unknown';
}

function not(truth: Truth): Truth {
  return truth === 'unknown' ? 'unknown' : !truth;
}

function negateIf(negated: boolean, truth: Truth): Truth {
  return negated ? not(truth) : truth;
}

function isOneOf(value: AmqpValue, constants: readonly Constant[]): Truth {
  if (value === null) return 'unknown';
  return constants.some((constant) => compare('=', value, constant) === true);
}

function compare(operator: Comparison, left: AmqpValue, right: AmqpValue): Truth {
  if (isNumber(left) && isNumber(right)) return compareNumbers(operator, left, right);
  const comparable = typeof left === typeof right && isTextOrBoolean(left);
  if (!comparable || (operator !== '=' && operator !== '<>')) return 'unknown';
  return (left === right) === (operator === '=');
}

function compareNumbers(
  operator: Comparison,
  left: number | bigint,
  right: number | bigint,
): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '=':
      return left <= right && left >= right;
    case '<>':
      return !(left <= right && left >= right);
  }
}

function isNumber(value: AmqpValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isTextOrBoolean(value: AmqpValue): boolean {
  return typeof value === 'string' || typeof value === 'boolean';
}

function valueOf(operand: Operand, message: FilteredMessage): AmqpValue {
  if (operand.kind === 'constant') return operand.value;
  return lookUp(operand, message) ?? null;
}

function lookUp(property: Property, message: FilteredMessage): AmqpValue | undefined {
  return message[property.kind].get(property.name);
}
