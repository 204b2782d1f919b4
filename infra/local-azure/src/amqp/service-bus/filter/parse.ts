import { FilterError } from './filter-error.ts';
import { SYSTEM_PROPERTIES } from './filtered-message.ts';
import { likePattern } from './like.ts';
import type { LikePattern } from './like.ts';
import type { Comparison, Constant, Operand, Predicate, Property } from './predicate.ts';
import { tokenize } from './tokens.ts';
import type { Token } from './tokens.ts';

/** As in Azure. It also bounds how deep parentheses can be nested. */
const MAX_EXPRESSION_LENGTH = 1024;

const RESERVED = new Set([
  'AND',
  'OR',
  'NOT',
  'IN',
  'IS',
  'NULL',
  'LIKE',
  'ESCAPE',
  'EXISTS',
  'TRUE',
  'FALSE',
]);
const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** Reads a SQL filter. Throws a FilterError, with the position, for what is not supported. */
export function parseFilter(expression: string): Predicate {
  if (expression.length > MAX_EXPRESSION_LENGTH) {
    const limit = `a filter has at most ${MAX_EXPRESSION_LENGTH} characters, as in Azure`;
    throw new FilterError(expression, MAX_EXPRESSION_LENGTH, limit);
  }
  return new Parser(expression).parse();
}

/** Recursive descent: OR binds loosest, then AND, then NOT. */
class Parser {
  readonly #expression: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(expression: string) {
    this.#expression = expression;
    this.#tokens = tokenize(expression);
  }

  parse(): Predicate {
    const predicate = this.#or();
    if (this.#token.kind !== 'end') throw this.#error('AND, OR or the end is expected here');
    return predicate;
  }

  #or(): Predicate {
    let left = this.#and();
    while (this.#takeWord('OR')) left = { kind: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Predicate {
    let left = this.#not();
    while (this.#takeWord('AND')) left = { kind: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Predicate {
    return this.#takeWord('NOT') ? { kind: 'not', of: this.#not() } : this.#primary();
  }

  #primary(): Predicate {
    if (this.#takeSymbol('(')) {
      const inner = this.#or();
      this.#expectSymbol(')');
      return inner;
    }
    if (this.#takeWord('EXISTS')) {
      this.#expectSymbol('(');
      const property = this.#property();
      this.#expectSymbol(')');
      return { kind: 'exists', property };
    }
    return this.#comparison();
  }

  #comparison(): Predicate {
    const start = this.#next;
    const operand = this.#operand();
    if (this.#takeWord('IS')) return this.#isNull(operand, start);
    const negated = this.#takeWord('NOT');
    if (this.#takeWord('IN')) {
      return { kind: 'in', operand, constants: this.#constants(), negated };
    }
    if (this.#takeWord('LIKE')) return { kind: 'like', operand, pattern: this.#pattern(), negated };
    const operator = this.#token.kind === 'symbol' && COMPARISONS.get(this.#token.text);
    if (negated || !operator) throw this.#error('a comparison, IN, LIKE or IS is expected here');
    this.#next++;
    const rightStart = this.#next;
    const right = this.#operand();
    this.#refuseOrderOfTexts(operator, operand, start);
    this.#refuseOrderOfTexts(operator, right, rightStart);
    return { kind: 'compare', operator, left: operand, right };
  }

  #isNull(operand: Operand, start: number): Predicate {
    const negated = this.#takeWord('NOT');
    if (!this.#takeWord('NULL')) throw this.#error('NULL is expected here');
    if (operand.kind === 'constant') throw this.#error('IS NULL asks for a property', start);
    return { kind: 'isNull', property: operand, negated };
  }

  #constants(): Constant[] {
    const constants: Constant[] = [];
    this.#expectSymbol('(');
    do {
      const start = this.#next;
      const item = this.#operand();
      if (item.kind !== 'constant' || item.value === null) {
        throw this.#error('IN takes texts, numbers, TRUE and FALSE', start);
      }
      constants.push(item.value);
    } while (this.#takeSymbol(','));
    this.#expectSymbol(')');
    return constants;
  }

  #pattern(): LikePattern {
    const pattern = this.#text('LIKE takes a text as its pattern');
    if (!this.#takeWord('ESCAPE')) return likePattern(pattern, undefined);
    const start = this.#next;
    const escape = this.#text('ESCAPE takes a text of one character');
    if (escape.length !== 1) throw this.#error('ESCAPE takes a text of one character', start);
    return likePattern(pattern, escape);
  }

  #operand(): Operand {
    const token = this.#token;
    const word = token.kind === 'word' ? token.text.toUpperCase() : '';
    if (token.kind === 'text') return this.#constant(token.text);
    if (word === 'TRUE' || word === 'FALSE') return this.#constant(word === 'TRUE');
    if (word === 'NULL') return this.#constant(null);
    const sign = this.#takeSymbol('-') ? -1 : this.#takeSymbol('+') ? 1 : 0;
    const number = this.#token;
    if (number.kind === 'number') {
      return this.#constant(sign === -1 ? -number.value : number.value);
    }
    if (sign !== 0) throw this.#error('a sign stands before a number');
    return this.#property();
  }

  #constant(value: Constant | null): Operand {
    this.#next++;
    return { kind: 'constant', value };
  }

  #property(): Property {
    const start = this.#next;
    const first = this.#name();
    const scope = this.#tokens[start]?.kind === 'word' ? first.toLowerCase() : '';
    if (!this.#takeSymbol('.')) {
      this.#refuseFunction(start);
      return { kind: 'application', name: first.toLowerCase() };
    }
    if (scope !== 'sys' && scope !== 'user') {
      throw this.#error('before a dot stands sys or user; put other names into brackets', start);
    }
    const nameStart = this.#next;
    const name = this.#name();
    if (scope === 'user') return { kind: 'application', name: name.toLowerCase() };
    if (!SYSTEM_PROPERTIES.some((known) => known.toLowerCase() === name.toLowerCase())) {
      const known = SYSTEM_PROPERTIES.map((each) => `sys.${each}`).join(', ');
      throw this.#error(`no filter can ask for sys.${name} here, but for ${known}`, nameStart);
    }
    return { kind: 'system', name: name.toLowerCase() };
  }

  #name(): string {
    const token = this.#token;
    const isReserved = token.kind === 'word' && RESERVED.has(token.text.toUpperCase());
    if ((token.kind !== 'word' && token.kind !== 'name') || isReserved) {
      throw this.#error('the name of a property or a constant is expected here');
    }
    this.#next++;
    return token.text;
  }

  #refuseFunction(start: number): void {
    const token = this.#token;
    if (token.kind === 'symbol' && token.text === '(') throw this.#error('functions', start);
  }

  /** C#, whose rules Azure follows, has no order of texts or booleans. */
  #refuseOrderOfTexts(operator: Comparison, operand: Operand, start: number): void {
    if (operator === '=' || operator === '<>' || operand.kind !== 'constant') return;
    if (typeof operand.value === 'string' || typeof operand.value === 'boolean') {
      throw this.#error(`${operator} compares numbers`, start);
    }
  }

  #text(expected: string): string {
    const token = this.#token;
    if (token.kind !== 'text') throw this.#error(expected);
    this.#next++;
    return token.text;
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#expression.length };
  }

  #takeWord(word: string): boolean {
    const token = this.#token;
    const taken = token.kind === 'word' && token.text.toUpperCase() === word;
    if (taken) this.#next++;
    return taken;
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#token;
    const taken = token.kind === 'symbol' && token.text === symbol;
    if (taken) this.#next++;
    return taken;
  }

  #expectSymbol(symbol: string): void {
    if (!this.#takeSymbol(symbol)) throw this.#error(`'${symbol}' is expected here`);
  }

  #error(problem: string, token = this.#next): FilterError {
    const at = this.#tokens[token]?.at ?? this.#expression.length;
    return new FilterError(this.#expression, at, problem);
  }
}
