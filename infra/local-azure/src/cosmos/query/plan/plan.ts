import type { Component } from '../../item-index/index-key.ts';
import type { ItemIndex } from '../../item-index/item-indexes.ts';
import { everything, inverted, pointOf } from '../../item-index/key-range.ts';
import type { KeyRange, KeyRanges } from '../../item-index/key-range.ts';
import { endOf, invert } from '../../item-index/sort-key.ts';
import type { KeyPaths, Scope } from '../../partition-key.ts';
import type { Expression, Path, Query } from '../query.ts';
import { comparedPaths, constraintOn } from './constraint.ts';

/** How the items that may match are found. */
export type Plan =
  /** All of the scope by key and id; with `id` only those. */
  { readonly kind: 'table'; readonly id: string | undefined } | IndexPlan;

export interface IndexPlan {
  readonly kind: 'index';
  readonly index: ItemIndex;
  /** Whole keys, ascending. */
  readonly ranges: KeyRanges;
  readonly backwards: boolean;
  /** What all keys begin with before the components of the order. */
  readonly beforeOrder: Buffer;
  /** Components that are one value each; a half more when the next one is narrowed. */
  readonly pinned: number;
  /** It gives the query's order. */
  readonly isOrdered: boolean;
}

/** What decides which items are looked at. */
export interface Question {
  readonly query: Query;
  readonly scope: Scope;
  readonly keyPaths: KeyPaths;
}

/** The plan that narrows most; one that gives the order goes before all others. */
export function choosePlan(question: Question, indexes: readonly ItemIndex[]): Plan {
  const id = constantId(question.query.where);
  const plans = indexes
    .map((index) => planWith(question, index))
    .filter((plan) => plan !== undefined);
  // A full key and an id are one item at most.
  if (id !== undefined && question.scope.kind === 'partition') return { kind: 'table', id };
  plans.sort((left, right) => worthOf(right) - worthOf(left));
  return plans[0] ?? { kind: 'table', id };
}

/** The plan over this index, if it is of any use. */
export function planWith(question: Question, index: ItemIndex): IndexPlan | undefined {
  const { orderBy } = question.query;
  const { components } = index;
  const ordered = components.length - orderBy.length;
  const direction =
    orderBy.length === 0 ? undefined : directionOf(components.slice(ordered), orderBy);
  const isOrdered = direction !== undefined;
  const constraints = constraintsOf(question, components);
  let at = 0;
  const pinned: Buffer[] = [];
  while (isPoint(constraints[at])) {
    pinned.push(Buffer.from(constraints[at]?.[0]?.from ?? []));
    at += 1;
  }
  if (at < valuesOf(question.scope).length) return undefined;
  if (isOrdered && at < ordered) return undefined;
  const next = constraints[at];
  if (!isOrdered && next === undefined && at <= valuesOf(question.scope).length) return undefined;
  const prefix = Buffer.concat(pinned);
  const beforeOrder = Buffer.concat(isOrdered ? pinned.slice(0, ordered) : []);
  const ranges = (next ?? everything).map((range) => behind(prefix, range));
  const backwards = direction === 'backwards';
  return {
    kind: 'index',
    index,
    ranges,
    backwards,
    beforeOrder,
    pinned: at + (next === undefined ? 0 : 0.5),
    isOrdered,
  };
}

/** The index that would have found this query's items at once. */
export function wishedIndex({ query, scope, keyPaths }: Question): readonly Component[] {
  const scoped = keyPaths.slice(0, valuesOf(scope).length);
  const order = query.orderBy.map(({ path, descending }) => ({ path, descending }));
  const isTaken = (path: Path): boolean =>
    [...scoped, ...order.map((each) => each.path)].some((each) => isSamePath(each, path));
  const free = comparedPaths(query.where).filter((path) => !isTaken(path));
  const points = free.filter((path) => isPoint(constraintOn(query.where, path)));
  const [range] = free.filter((path) => {
    const ranges = constraintOn(query.where, path);
    return ranges !== undefined && !isPoint(ranges);
  });
  const last = order.length === 0 && range !== undefined ? [ascending(range)] : order;
  const wished = [...points.slice(0, MAX_PINNED).map(ascending), ...last];
  return wished.length === 0 ? [] : [...scoped.map(ascending), ...wished];
}

/** Of paths that a query compares for equality. */
const MAX_PINNED = 2;

/** Where a query that goes on begins: behind this place in its order. */
export function keyBehind(plan: IndexPlan, sort: Buffer): Buffer {
  return Buffer.concat([plan.beforeOrder, plan.backwards ? invert(sort) : sort]);
}

const ascending = (path: Path): Component => ({ path, descending: false });

const valuesOf = (scope: Scope) => (scope.kind === 'all' ? [] : scope.values);

/** An order saves looking at everything; then each component narrows. */
const worthOf = ({ isOrdered, pinned }: IndexPlan): number => (isOrdered ? 100 : 0) + pinned;

/** What is known of each component, in its direction. */
function constraintsOf(
  { query, scope, keyPaths }: Question,
  components: readonly Component[],
): readonly (KeyRanges | undefined)[] {
  const values = valuesOf(scope);
  return components.map(({ path, descending }) => {
    const level = keyPaths.findIndex((each) => isSamePath(each, path));
    const isGiven = level >= 0 && level < values.length;
    const ranges = isGiven ? [pointOf(values[level])] : constraintOn(query.where, path);
    return descending && ranges !== undefined ? inverted(ranges) : ranges;
  });
}

function directionOf(
  components: readonly Component[],
  orderBy: readonly Component[],
): 'forwards' | 'backwards' | undefined {
  if (components.length !== orderBy.length) return undefined;
  const turned = new Set<boolean>();
  for (const [index, { path, descending }] of components.entries()) {
    const wanted = orderBy[index];
    if (wanted === undefined || !isSamePath(path, wanted.path)) return undefined;
    turned.add(descending !== wanted.descending);
  }
  if (turned.size !== 1) return undefined;
  return turned.has(true) ? 'backwards' : 'forwards';
}

function behind(prefix: Buffer, range: KeyRange): KeyRange {
  const from = Buffer.concat([prefix, range.from]);
  const below = range.below === undefined ? endOf(prefix) : Buffer.concat([prefix, range.below]);
  return { from, below, isPoint: false };
}

const isPoint = (ranges: KeyRanges | undefined): boolean =>
  ranges?.length === 1 && ranges[0]?.isPoint === true;

const isSamePath = (left: Path, right: Path): boolean =>
  left.length === right.length && left.every((step, index) => step === right[index]);

/** `c.id = x` as a conjunct means that no other id matches. */
function constantId(where: Expression | undefined): string | undefined {
  if (where?.kind === 'and') {
    return where.operands.map(constantId).find((id) => id !== undefined);
  }
  if (where?.kind !== 'compare' || where.operator !== '=') return undefined;
  const { left, right } = where;
  const isId = left.kind === 'member' && left.of.kind === 'slot' && left.of.slot === 0;
  if (!isId || left.name.kind !== 'constant' || left.name.value !== 'id') return undefined;
  return right.kind === 'constant' && typeof right.value === 'string' ? right.value : undefined;
}
