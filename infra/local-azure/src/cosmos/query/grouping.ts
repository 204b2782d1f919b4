import { badRequest } from '../errors.ts';
import type { Expression, Query } from './query.ts';

/** Throws where a grouped query selects what differs within a group. */
export function checkGrouping({ selection, groupBy }: Query): void {
  const keys = new Set(groupBy.map((each) => JSON.stringify(each)));
  for (const expression of selectedBy(selection)) check(expression, keys);
}

function selectedBy(selection: Query['selection']): readonly Expression[] {
  if (selection.kind === 'value') return [selection.expression];
  return selection.kind === 'list' ? selection.columns.map((each) => each.expression) : [];
}

function check(expression: Expression, keys: ReadonlySet<string>): void {
  if (keys.has(JSON.stringify(expression))) return;
  if (expression.kind === 'slot') {
    const message = 'SELECT holds a property that is neither in an aggregate nor in GROUP BY';
    throw badRequest(`${message}: add it to GROUP BY.`);
  }
  for (const part of partsOf(expression)) check(part, keys);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'constant':
    case 'slot':
    case 'aggregate':
      return [];
    case 'member':
      return [expression.of, expression.name];
    case 'sign':
    case 'not':
      return [expression.operand];
    case 'and':
    case 'or':
      return expression.operands;
    case 'coalesce':
    case 'compare':
    case 'arithmetic':
      return [expression.left, expression.right];
    case 'in':
      return [expression.value, ...expression.list];
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise];
    case 'call':
      return expression.list;
    case 'array':
      return expression.elements;
    case 'object':
      return expression.members.map((each) => each.expression);
    case 'exists':
    case 'arrayOf':
    case 'scalar':
      throw badRequest('A subquery in SELECT together with GROUP BY is not supported.');
  }
}
