import type { Json } from '../../json.ts';
import { badRequest } from '../errors.ts';
import type { Comparison, Expression, Path } from './query.ts';
import type { Token } from './tokens.ts';
import { syntaxError } from './tokens.ts';

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);
const CONSTANTS: ReadonlyMap<string, Json | undefined> = new Map<string, Json | undefined>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
]);
/** Deeper nesting is refused: the parser and the evaluator are recursive. */
const MAX_DEPTH = 64;

/** Recursive descent over conditions: OR < AND < NOT < comparison, IN, BETWEEN < operand. */
export class Expressions {
  protected readonly tokens: readonly Token[];
  protected alias = '';
  private readonly parameters: ReadonlyMap<string, Json>;
  private position = 0;
  private depth = 0;

  constructor(tokens: readonly Token[], parameters: ReadonlyMap<string, Json>) {
    this.tokens = tokens;
    this.parameters = parameters;
  }

  expression(): Expression {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw badRequest(`The query nests above ${MAX_DEPTH} levels.`);
    let left = this.conjunction();
    while (this.takeWord('OR')) left = { kind: 'or', left, right: this.conjunction() };
    this.depth -= 1;
    return left;
  }

  protected get next(): Token {
    const token = this.tokens[this.position];
    if (token === undefined) throw badRequest('The query ends too early.');
    return token;
  }

  protected operand(): Expression {
    const token = this.next;
    if (token.kind === 'symbol' && token.text === '(') return this.parenthesis();
    if (token.kind === 'word' && !CONSTANTS.has(token.text.toLowerCase())) return this.named();
    this.skip(1);
    switch (token.kind) {
      case 'number':
      case 'string':
        return { kind: 'constant', value: token.value };
      case 'parameter':
        return { kind: 'constant', value: this.parameter(token.text) };
      case 'word':
        return { kind: 'constant', value: CONSTANTS.get(token.text.toLowerCase()) };
      case 'symbol':
      case 'end':
        throw syntaxError(token.text, token.at);
    }
  }

  protected name(): string {
    const token = this.next;
    if (token.kind !== 'word') throw this.unexpected();
    this.skip(1);
    return token.text;
  }

  protected isCall(name: string): boolean {
    const open = this.tokens[this.position + 1];
    return this.isWord(name) && open?.kind === 'symbol' && open.text === '(';
  }

  protected skip(count: number): void {
    this.position += count;
  }

  protected takeWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.skip(1);
    return found;
  }

  protected takeSymbol(symbol: string): boolean {
    const found = this.next.kind === 'symbol' && this.next.text === symbol;
    if (found) this.skip(1);
    return found;
  }

  protected expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected();
  }

  protected expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  protected unexpected(): Error {
    return syntaxError(this.next.text, this.next.at);
  }

  private isWord(word: string): boolean {
    return this.next.kind === 'word' && this.next.text.toUpperCase() === word;
  }

  private conjunction(): Expression {
    let left = this.negation();
    while (this.takeWord('AND')) left = { kind: 'and', left, right: this.negation() };
    return left;
  }

  private negation(): Expression {
    let negations = 0;
    while (this.takeWord('NOT')) negations += 1;
    const operand = this.comparison();
    if (negations === 0) return operand;
    const once: Expression = { kind: 'not', operand };
    return negations % 2 === 1 ? once : { kind: 'not', operand: once };
  }

  private comparison(): Expression {
    const left = this.operand();
    const token = this.next;
    const operator = token.kind === 'symbol' ? COMPARISONS.get(token.text) : undefined;
    if (operator !== undefined) {
      this.skip(1);
      return { kind: 'compare', operator, left, right: this.operand() };
    }
    if (this.takeWord('NOT')) return { kind: 'not', operand: this.range(left) };
    return this.isWord('IN') || this.isWord('BETWEEN') ? this.range(left) : left;
  }

  /** `x IN (…)` or `x BETWEEN a AND b`. */
  private range(value: Expression): Expression {
    if (this.takeWord('IN')) return { kind: 'in', value, list: this.list() };
    this.expectWord('BETWEEN');
    const low: Expression = { kind: 'compare', operator: '>=', left: value, right: this.operand() };
    this.expectWord('AND');
    const high: Expression = {
      kind: 'compare',
      operator: '<=',
      left: value,
      right: this.operand(),
    };
    return { kind: 'and', left: low, right: high };
  }

  private list(): Expression[] {
    this.expectSymbol('(');
    const list: Expression[] = [];
    do list.push(this.expression());
    while (this.takeSymbol(','));
    this.expectSymbol(')');
    return list;
  }

  private parenthesis(): Expression {
    this.expectSymbol('(');
    const inner = this.expression();
    this.expectSymbol(')');
    return inner;
  }

  /** A path, or a call of one of the known functions. */
  private named(): Expression {
    if (this.isCall('IS_DEFINED')) {
      const operand = this.arguments('IS_DEFINED', 1, 1)[0] ?? UNDEFINED;
      return { kind: 'isDefined', operand };
    }
    if (this.isCall('STARTSWITH')) {
      const [text = UNDEFINED, prefix = UNDEFINED, ignoreCase = FALSE] = this.arguments(
        'STARTSWITH',
        2,
        3,
      );
      return { kind: 'startsWith', text, prefix, ignoreCase };
    }
    const token = this.next;
    if (token.text !== this.alias) throw this.unexpected();
    this.skip(1);
    return { kind: 'path', path: this.steps() };
  }

  private arguments(name: string, least: number, most: number): Expression[] {
    this.skip(1);
    const list = this.list();
    if (list.length >= least && list.length <= most) return list;
    throw badRequest(`${name} has ${list.length} arguments.`);
  }

  private steps(): Path {
    const path: (string | number)[] = [];
    for (;;) {
      if (this.takeSymbol('.')) path.push(this.name());
      else if (this.takeSymbol('[')) path.push(this.index());
      else return path;
    }
  }

  private index(): string | number {
    const token = this.next;
    const isIndex = token.kind === 'number' && Number.isInteger(token.value) && token.value >= 0;
    if (!isIndex && token.kind !== 'string') throw this.unexpected();
    this.skip(1);
    this.expectSymbol(']');
    return token.value;
  }

  private parameter(name: string): Json {
    const value = this.parameters.get(name);
    if (value === undefined) throw badRequest(`Parameter ${name} has no value.`);
    return value;
  }
}

const UNDEFINED: Expression = { kind: 'constant', value: undefined };
const FALSE: Expression = { kind: 'constant', value: false };
