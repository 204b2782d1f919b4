import type { Json } from '../../json.ts';
import { isObject } from '../../json.ts';
import { Groups } from './aggregate.ts';
import { call } from './functions/index.ts';
import { all, any, calculate, compare, negate, sign } from './operators.ts';
import { canonical } from './order.ts';
import type { Column, Expression, Query, Source, Value } from './query.ts';
import { isAggregated, ITEM } from './query.ts';
import type { Work } from './work.ts';

/** What an expression is evaluated against. */
export interface Row {
  /** The item, and what the aliases behind it stand for. */
  readonly slots: readonly Value[];
  /** Of the row's group, where there are groups. */
  readonly aggregates?: readonly Value[];
  /** What the query has cost so far: an expression can be large, and so can its results. */
  readonly work: Work;
}

/** What an expression gives for a row; `undefined` is a value of its own, as in Cosmos DB. */
export function evaluate(expression: Expression, row: Row): Value {
  const value = (each: Expression): Value => evaluate(each, row);
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'slot':
      return row.slots[expression.slot];
    case 'member':
      return member(value(expression.of), value(expression.name));
    case 'sign':
      return sign(expression.operator, value(expression.operand));
    case 'not':
      return negate(value(expression.operand));
    case 'and':
      return all(lazily(expression.operands, row));
    case 'or':
      return any(lazily(expression.operands, row));
    case 'coalesce':
      return coalesce(value(expression.left), () => value(expression.right));
    case 'compare':
      return compare(expression.operator, value(expression.left), value(expression.right));
    case 'arithmetic':
      return row.work.bounded(
        calculate(expression.operator, value(expression.left), value(expression.right)),
      );
    case 'in':
      return isIn(value(expression.value), expression.list, row);
    case 'conditional':
      return value(value(expression.condition) === true ? expression.then : expression.otherwise);
    case 'call':
      return row.work.bounded(call(expression.name, expression.list.map(value)));
    case 'array':
      return expression.elements.map(value).filter((each) => each !== undefined);
    case 'object':
      return objectOf(expression.members, row);
    case 'aggregate':
      return row.aggregates?.[expression.index];
    case 'exists':
      return !resultsOf(expression.query, row).next().done;
    case 'arrayOf':
      return row.work.bounded([...resultsOf(expression.query, row)]);
    case 'scalar':
      return only(resultsOf(expression.query, row));
  }
}

/** A condition holds only when it is `true`: neither `undefined` nor a number will do. */
export const matches = (where: Expression | undefined, row: Row): boolean =>
  where === undefined || evaluate(where, row) === true;

/** A row that holds the item alone. */
export const itemRow = (item: Json, work: Work): Row => {
  const slots: Value[] = [];
  slots[ITEM] = item;
  return { slots, work };
};

/** Members without a value are left out. */
function objectOf(columns: readonly Column[], row: Row): Json {
  const entries = columns.map(({ name, expression }) => [name, evaluate(expression, row)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

export function member(of: Value, name: Value): Value {
  if (typeof name === 'number') return Array.isArray(of) ? elementAt(of, name) : undefined;
  if (typeof name !== 'string' || !isObject(of)) return undefined;
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

export function valueAt(item: Json, path: readonly (string | number)[]): Value {
  return path.reduce<Value>(member, item);
}

const elementAt = (list: readonly Json[], index: number): Value => list[index];

function* lazily(operands: readonly Expression[], row: Row): Generator<Value> {
  for (const operand of operands) yield evaluate(operand, row);
}

/** `null` is a value: only what is undefined is replaced. */
const coalesce = (left: Value, right: () => Value): Value => (left === undefined ? right() : left);

/** As `x = a OR x = b …`. */
function isIn(value: Value, list: readonly Expression[], row: Row): boolean | undefined {
  function* comparisons(): Generator<Value> {
    for (const each of list) yield compare('=', value, evaluate(each, row));
  }
  return any(comparisons());
}

/** A scalar subquery has one result; none is undefined. */
function only(results: Iterator<Json>): Value {
  const first = results.next();
  return first.done === true ? undefined : first.value;
}

/** The rows that FROM and JOIN make of a row, and that WHERE leaves. */
export function* rowsOf(query: Query, row: Row): Generator<Row> {
  for (const joined of join(query.sources, row)) if (matches(query.where, joined)) yield joined;
}

/** What SELECT makes of a row, or of a group's first. */
export function project({ selection }: Query, row: Row): Value {
  switch (selection.kind) {
    case 'all':
      return row.slots[selection.slot];
    case 'value':
      return evaluate(selection.expression, row);
    case 'list':
      return objectOf(selection.columns, row);
  }
}

/** All results of a subquery. */
function* resultsOf(query: Query, outer: Row): Generator<Json> {
  const rows = isAggregated(query) ? grouped(query, outer) : rowsOf(query, outer);
  const seen = new Set<string>();
  for (const row of rows) {
    const value = project(query, row);
    if (value === undefined) continue;
    if (query.distinct && !isNew(seen, value)) continue;
    yield value;
  }
}

function grouped(query: Query, outer: Row): readonly Row[] {
  const groups = new Groups(query);
  for (const row of rowsOf(query, outer)) addTo(groups, query, row);
  return groups.list().map((group) => ({ ...group, work: outer.work }));
}

export function addTo(groups: Groups, query: Query, row: Row): void {
  const values = query.aggregates.map(({ argument }) => evaluate(argument, row));
  groups.add(
    query.groupBy.map((each) => evaluate(each, row)),
    values,
    row.slots,
  );
}

function isNew(seen: Set<string>, value: Json): boolean {
  const text = canonical(value);
  if (seen.has(text)) return false;
  seen.add(text);
  return true;
}

function* join(sources: readonly Source[], row: Row): Generator<Row> {
  const [source, ...others] = sources;
  if (source === undefined) {
    yield row;
    return;
  }
  for (const value of valuesOf(source, evaluate(source.expression, row))) {
    row.work.row();
    yield* join(others, { ...row, slots: [...row.slots, value] });
  }
}

function valuesOf({ each }: Source, value: Value): readonly Json[] {
  if (value === undefined) return [];
  if (!each) return [value];
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
