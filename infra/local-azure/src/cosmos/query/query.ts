import type { Json } from '../../json.ts';

/** `c.a['b'][0]` without the alias. */
export type Path = readonly (string | number)[];

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

export type Expression =
  | { readonly kind: 'constant'; readonly value: Json | undefined }
  | { readonly kind: 'path'; readonly path: Path }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'in'; readonly value: Expression; readonly list: readonly Expression[] }
  | { readonly kind: 'isDefined'; readonly operand: Expression }
  | {
      readonly kind: 'startsWith';
      readonly text: Expression;
      readonly prefix: Expression;
      readonly ignoreCase: Expression;
    };

export type Selection =
  | { readonly kind: 'all' }
  | { readonly kind: 'value'; readonly expression: Expression }
  | { readonly kind: 'count' }
  | {
      readonly kind: 'list';
      readonly columns: readonly { readonly name: string; readonly expression: Expression }[];
    };

export interface Order {
  readonly path: Path;
  readonly descending: boolean;
}

/** A parsed query with its parameters put in. */
export interface Query {
  readonly selection: Selection;
  readonly where: Expression | undefined;
  readonly orderBy: readonly Order[];
  readonly offset: number;
  /** From TOP or LIMIT. */
  readonly limit: number | undefined;
}

export const MAX_LIMIT = 2_147_483_647;
