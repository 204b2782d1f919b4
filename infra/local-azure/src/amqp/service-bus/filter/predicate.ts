import type { LikePattern } from './like.ts';

/** A SQL filter as a tree. */
export type Predicate =
  | { readonly kind: 'and' | 'or'; readonly left: Predicate; readonly right: Predicate }
  | { readonly kind: 'not'; readonly of: Predicate }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Operand;
      readonly right: Operand;
    }
  | {
      readonly kind: 'in';
      readonly operand: Operand;
      readonly constants: readonly Constant[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'like';
      readonly operand: Operand;
      readonly pattern: LikePattern;
      readonly negated: boolean;
    }
  | { readonly kind: 'isNull'; readonly property: Property; readonly negated: boolean }
  | { readonly kind: 'exists'; readonly property: Property };

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Constant = string | number | bigint | boolean;

export type Operand = Property | { readonly kind: 'constant'; readonly value: Constant | null };

/** `name` is in lower case: names of properties are matched without regard to it. */
export interface Property {
  readonly kind: 'system' | 'application';
  readonly name: string;
}
