import type { Json } from '../../json.ts';

/** `c.a['b'][0]` without the alias. */
export type Path = readonly (string | number)[];

export type Value = Json | undefined;
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>' | '>>>' | '||';
export type Sign = '-' | '+' | '~';
export type AggregateName = 'COUNT' | 'SUM' | 'MIN' | 'MAX' | 'AVG';

/** Names are resolved: an alias is the number of its slot, a parameter its value. */
export type Expression =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'slot'; readonly slot: number }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: Expression }
  | { readonly kind: 'sign'; readonly operator: Sign; readonly operand: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'coalesce'; readonly left: Expression; readonly right: Expression }
  | Binary<'compare', Comparison>
  | Binary<'arithmetic', Arithmetic>
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  | { readonly kind: 'call'; readonly name: string; readonly list: readonly Expression[] }
  | { readonly kind: 'array'; readonly elements: readonly Expression[] }
  | { readonly kind: 'object'; readonly members: readonly Column[] }
  | { readonly kind: 'aggregate'; readonly index: number }
  | { readonly kind: 'exists' | 'arrayOf' | 'scalar'; readonly query: Query };

interface Binary<Kind, Operator> {
  readonly kind: Kind;
  readonly operator: Operator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Column {
  readonly name: string;
  readonly expression: Expression;
}

export type Selection =
  /** `*`: the one input of the query. */
  | { readonly kind: 'all'; readonly slot: number }
  | { readonly kind: 'value'; readonly expression: Expression }
  | { readonly kind: 'list'; readonly columns: readonly Column[] };

/** `JOIN t IN c.list` gives an element after the other a slot; `FROM c.note` gives it the one value. */
export interface Source {
  readonly expression: Expression;
  readonly each: boolean;
}

export interface Order {
  readonly path: Path;
  readonly descending: boolean;
}

export interface Aggregate {
  readonly name: AggregateName;
  readonly argument: Expression;
}

/** A parsed query with its parameters put in. Slot 0 of the outermost query is the item. */
export interface Query {
  readonly selection: Selection;
  readonly distinct: boolean;
  /** What follows the item, or, in a subquery, the slots of the queries around it. */
  readonly sources: readonly Source[];
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[];
  readonly aggregates: readonly Aggregate[];
  /** Paths of the item. */
  readonly orderBy: readonly Order[];
  readonly offset: number;
  /** From TOP or LIMIT. */
  readonly limit: number | undefined;
}

export const MAX_LIMIT = 2_147_483_647;
/** The item's slot. */
export const ITEM = 0;

/** The path below the item that the expression is, if it is one. */
export function itemPath(expression: Expression): Path | undefined {
  if (expression.kind === 'slot') return expression.slot === ITEM ? [] : undefined;
  if (expression.kind !== 'member' || expression.name.kind !== 'constant') return undefined;
  const before = itemPath(expression.of);
  const step = expression.name.value;
  const fits = typeof step === 'string' || typeof step === 'number';
  return before !== undefined && fits ? [...before, step] : undefined;
}

/** One row for all, or one for each group. */
export const isAggregated = (query: Query): boolean =>
  query.aggregates.length > 0 || query.groupBy.length > 0;
