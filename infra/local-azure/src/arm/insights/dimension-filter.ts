import { badRequest } from '../errors.ts';
import type { Dimensions } from './metric-store.ts';

/** Comparisons of one dimension, of which one has to hold. */
export interface DimensionClause {
  readonly dimension: string;
  readonly comparisons: readonly Comparison[];
}

interface Comparison {
  readonly dimension: string;
  readonly operator: 'eq' | 'ne' | 'sw';
  readonly value: string;
}

const OPERATORS: ReadonlyMap<string, Comparison['operator']> = new Map([
  ['eq', 'eq'],
  ['ne', 'ne'],
  ['sw', 'sw'],
  ['startswith', 'sw'],
]);
const MAX_FILTER_LENGTH = 4096;

/**
 * Reads `A eq 'a1' and (B eq 'b1' or B eq 'b2') and C eq '*'`. Azure's rule: `or` joins comparisons of
 * one dimension only, so that a list of clauses holds the whole of it.
 */
export function parseDimensionFilter(filter: string | null): readonly DimensionClause[] {
  const text = (filter ?? '').trim();
  if (text === '') return [];
  if (text.length > MAX_FILTER_LENGTH) {
    throw badRequest(`$filter is longer than ${MAX_FILTER_LENGTH} characters.`);
  }
  const tokens = tokensOf(text).filter((token) => token !== '(' && token !== ')');
  const clauses: DimensionClause[] = [];
  for (let at = 0; at < tokens.length; at += 4) {
    const word = at === 0 ? 'and' : tokens[at - 1]?.toLowerCase();
    const comparison = comparisonOf(tokens.slice(at, at + 3), text);
    const last = clauses.at(-1);
    if (word === 'and') {
      clauses.push({ dimension: comparison.dimension, comparisons: [comparison] });
    } else if (word === 'or' && isSame(last?.dimension, comparison.dimension)) {
      clauses.splice(-1, 1, {
        dimension: comparison.dimension,
        comparisons: [...(last?.comparisons ?? []), comparison],
      });
    } else {
      throw unreadable(text);
    }
  }
  if (tokens.length % 4 !== 3) throw unreadable(text);
  return clauses;
}

export function holds(clauses: readonly DimensionClause[], dimensions: Dimensions): boolean {
  return clauses.every(({ dimension, comparisons }) => {
    const value = valueOf(dimensions, dimension);
    return value !== undefined && comparisons.some((each) => compare(each, value));
  });
}

/** The value of a dimension, whatever the case of its name. */
export function valueOf(dimensions: Dimensions, name: string): string | undefined {
  return Object.entries(dimensions).find(([known]) => isSame(known, name))?.[1];
}

function compare({ operator, value }: Comparison, found: string): boolean {
  const [wanted, given] = [value.toLowerCase(), found.toLowerCase()];
  switch (operator) {
    case 'eq':
      return wanted === '*' || wanted === given;
    case 'ne':
      return wanted !== given;
    case 'sw':
      return given.startsWith(wanted);
  }
}

function comparisonOf(tokens: readonly string[], text: string): Comparison {
  const [dimension = '', operator = '', literal = ''] = tokens;
  const known = OPERATORS.get(operator.toLowerCase());
  const [, value] = /^['"]([^]*)['"]$/.exec(literal) ?? [];
  if (known === undefined || value === undefined || !/^[\w.\- ]+$/.test(dimension)) {
    throw unreadable(text);
  }
  return { dimension, operator: known, value: value.replaceAll("''", "'") };
}

function tokensOf(text: string): string[] {
  const token = /\s*('(?:[^']|'')*'|"[^"]*"|[()]|[^\s()'"]+)/y;
  const found: string[] = [];
  while (token.lastIndex < text.length) {
    const match = token.exec(text)?.[1];
    if (match === undefined) throw unreadable(text);
    found.push(match);
  }
  return found;
}

const isSame = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

const unreadable = (text: string) =>
  badRequest(
    `$filter is dimensions with eq, ne or sw and a quoted value, joined by 'and' ('or' within one dimension), not: ${text}`,
  );
