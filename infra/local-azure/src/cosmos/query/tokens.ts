import type { CosmosError } from '../errors.ts';
import { badRequest } from '../errors.ts';

export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly at: number }
  | { readonly kind: 'parameter'; readonly text: string; readonly at: number }
  | { readonly kind: 'string'; readonly text: string; readonly at: number; readonly value: string }
  | { readonly kind: 'number'; readonly text: string; readonly at: number; readonly value: number }
  | { readonly kind: 'symbol'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: string; readonly at: number };

/** As the service. */
const MAX_QUERY_LENGTH = 512 * 1024;

const PATTERN = new RegExp(
  [
    String.raw`(?<space>(?:\s|--[^\n]*|/\*[^]*?\*/)+)`,
    String.raw`(?<word>[A-Za-z_][A-Za-z0-9_]*)`,
    String.raw`(?<parameter>@[A-Za-z_][A-Za-z0-9_]*)`,
    String.raw`(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)`,
    String.raw`(?<string>'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*")`,
    String.raw`(?<symbol><=|>=|!=|<>|\|\||\?\?|<<|>>>|>>|[=<>(),.*\[\]{}:?+\-/%&|^~])`,
  ].join('|'),
  'uy',
);

/** Cuts the text into tokens; a character that begins none is an error that names it. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MAX_QUERY_LENGTH) throw badRequest('The query text is above 512 KB.');
  const tokens: Token[] = [];
  const pattern = new RegExp(PATTERN);
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) throw syntaxError(text.slice(at, at + 1), at);
    const token = tokenOf(groups, at);
    if (token !== undefined) tokens.push(token);
  }
  return [...tokens, { kind: 'end', text: 'end of query', at: text.length }];
}

export function syntaxError(token: string, at: number): CosmosError {
  const message = `Syntax error or unsupported query near '${token}' at position ${at}.`;
  return badRequest(`${message} The embedded Cosmos DB knows a subset of the query language.`);
}

function tokenOf(groups: Record<string, string | undefined>, at: number): Token | undefined {
  const { word, parameter, number, string, symbol } = groups;
  if (word !== undefined) return { kind: 'word', text: word, at };
  if (parameter !== undefined) return { kind: 'parameter', text: parameter, at };
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, at };
  if (number !== undefined) return { kind: 'number', text: number, at, value: finite(number, at) };
  if (string !== undefined) return { kind: 'string', text: string, at, value: unquote(string, at) };
  return undefined;
}

function finite(literal: string, at: number): number {
  const value = Number(literal);
  if (Number.isFinite(value)) return value;
  throw syntaxError(literal, at);
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function unquote(literal: string, at: number): string {
  const inner = literal.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  return inner.replaceAll(/\\(u[0-9A-Fa-f]{4}|[^])/gu, (_, escape: string) => {
    if (escape.length > 1 && escape.startsWith('u')) {
      return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    }
    if ('"\'\\/'.includes(escape)) return escape;
    const known = ESCAPES[escape];
    if (known === undefined) throw syntaxError(`\\${escape}`, at);
    return known;
  });
}
