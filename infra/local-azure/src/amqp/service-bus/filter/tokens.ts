import { FilterError } from './filter-error.ts';

export type Token =
  /** A keyword or a regular identifier, as it was written. */
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  /** An identifier in brackets or double quotes. */
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | {
      readonly kind: 'number';
      readonly text: string;
      readonly value: number | bigint;
      readonly at: number;
    }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: string; readonly at: number };

const SPACE = /\s+/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /\p{L}[\p{L}\p{Nd}_]*/uy;
const TEXT = /'(?:[^']|'')*'/y;
const QUOTED = /"(?:[^"]|"")+"/y;
const BRACKETED = /\[(?:[^\]]|\]\])+\]/y;
const SYMBOL = /<>|!=|<=|>=|[=<>(),.+-]/y;

/** The tokens of a SQL filter, the end as the last one. Throws a FilterError for anything else. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += match(SPACE, expression, at)?.length ?? 0;
    if (at === expression.length) return [...tokens, { kind: 'end', text: '', at }];
    const token = readToken(expression, at);
    if (token === undefined) throw new FilterError(expression, at, 'a character or a quote');
    tokens.push(token.token);
    at += token.length;
  }
}

function readToken(expression: string, at: number): { token: Token; length: number } | undefined {
  const read = (pattern: RegExp, make: (raw: string) => Token) => {
    const raw = match(pattern, expression, at);
    return raw === undefined ? undefined : { token: make(raw), length: raw.length };
  };
  const inner = (raw: string, end: string): string => raw.slice(1, -1).replaceAll(end + end, end);
  return (
    read(WORD, (raw) => ({ kind: 'word', text: raw, at })) ??
    read(NUMBER, (raw) => ({ kind: 'number', text: raw, value: numberOf(raw), at })) ??
    read(TEXT, (raw) => ({ kind: 'text', text: inner(raw, "'"), at })) ??
    read(QUOTED, (raw) => ({ kind: 'name', text: inner(raw, '"'), at })) ??
    read(BRACKETED, (raw) => ({ kind: 'name', text: inner(raw, ']'), at })) ??
    read(SYMBOL, (raw) => ({ kind: 'symbol', text: raw, at }))
  );
}

function match(pattern: RegExp, expression: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(expression)?.[0];
}

/** Whole numbers are 64 bits wide in Azure: those that a double cannot hold stay exact. */
function numberOf(raw: string): number | bigint {
  const value = Number(raw);
  return /^\d+$/.test(raw) && !Number.isSafeInteger(value) ? BigInt(raw) : value;
}
