import type { Json } from '../../json.ts';
import { badRequest } from '../errors.ts';
import { Cursor } from './cursor.ts';
import { arityOf } from './functions/index.ts';
import { foldSign } from './operators.ts';
import type { Aggregate, AggregateName, Arithmetic, Column, Comparison } from './query.ts';
import type { Expression, Query, Sign, Value } from './query.ts';
import type { Token } from './tokens.ts';
import { syntaxError } from './tokens.ts';

export type Parameters = ReadonlyMap<string, Json>;

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', undefined],
]);

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['=', '='],
  ['!=', '!='],
  ['<>', '!='],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** From the loosest to the tightest. */
const ARITHMETIC: readonly ReadonlySet<string>[] = [
  new Set(['|']),
  new Set(['^']),
  new Set(['&']),
  new Set(['<<', '>>', '>>>']),
  new Set(['+', '-', '||']),
  new Set(['*', '/', '%']),
];
const SIGNS = new Set(['-', '+', '~']);
const AGGREGATES = new Set(['COUNT', 'SUM', 'MIN', 'MAX', 'AVG']);

/**
 * Recursive descent over expressions, from the loosest operator to the tightest:
 * `?:`, `??`, OR, AND, NOT, comparison with IN, BETWEEN and LIKE, arithmetic, sign, member, primary.
 */
export abstract class Expressions extends Cursor {
  /** Names in scope; the place is the slot. */
  protected aliases: string[] = [];
  /** Those of the query that is parsed, where it may have any. */
  protected aggregates: Aggregate[] | undefined;
  private readonly parameters: Parameters;

  constructor(tokens: readonly Token[], parameters: Parameters) {
    super(tokens);
    this.parameters = parameters;
  }

  protected abstract subquery(): Query;

  protected expression(): Expression {
    return this.nested(() => {
      const condition = this.coalesce();
      if (!this.takeSymbol('?')) return condition;
      const then = this.expression();
      this.expectSymbol(':');
      return { kind: 'conditional', condition, then, otherwise: this.expression() };
    });
  }

  private coalesce(): Expression {
    const left = this.connected('OR', 'or', () =>
      this.connected('AND', 'and', () => this.negation()),
    );
    if (!this.takeSymbol('??')) return left;
    return { kind: 'coalesce', left, right: this.nested(() => this.coalesce()) };
  }

  /** One flat list of operands: a long chain is not a deep tree. */
  private connected(word: string, kind: 'and' | 'or', part: () => Expression): Expression {
    const first = part();
    if (!this.isWord(word)) return first;
    const operands = [first];
    while (this.takeWord(word)) operands.push(part());
    return { kind, operands };
  }

  private negation(): Expression {
    if (!this.takeWord('NOT')) return this.comparison();
    return { kind: 'not', operand: this.nested(() => this.negation()) };
  }

  private comparison(): Expression {
    let left = this.arithmetic(0);
    for (let index = 0; ; index++) {
      this.link(index);
      const operator = this.next.kind === 'symbol' ? COMPARISONS.get(this.next.text) : undefined;
      if (operator !== undefined) {
        this.skip(1);
        left = { kind: 'compare', operator, left, right: this.arithmetic(0) };
      } else if (this.takeWord('NOT')) left = { kind: 'not', operand: this.range(left) };
      else if (this.isWord('IN') || this.isWord('BETWEEN') || this.isWord('LIKE'))
        left = this.range(left);
      else return left;
    }
  }

  /** `x IN (…)`, `x BETWEEN a AND b` or `x LIKE pattern`. */
  private range(value: Expression): Expression {
    if (this.takeWord('IN')) return { kind: 'in', value, list: this.list(')', '(') };
    if (this.takeWord('LIKE')) {
      const pattern = this.arithmetic(0);
      const list = this.takeWord('ESCAPE')
        ? [value, pattern, this.arithmetic(0)]
        : [value, pattern];
      return { kind: 'call', name: 'LIKE', list };
    }
    this.expectWord('BETWEEN');
    const low = this.arithmetic(0);
    this.expectWord('AND');
    const high = this.arithmetic(0);
    return {
      kind: 'and',
      operands: [
        { kind: 'compare', operator: '>=', left: value, right: low },
        { kind: 'compare', operator: '<=', left: value, right: high },
      ],
    };
  }

  private arithmetic(level: number): Expression {
    const operators = ARITHMETIC[level];
    if (operators === undefined) return this.signed();
    let left = this.arithmetic(level + 1);
    for (let index = 0; this.next.kind === 'symbol' && operators.has(this.next.text); index++) {
      this.link(index);
      const operator = this.next.text as Arithmetic;
      this.skip(1);
      left = { kind: 'arithmetic', operator, left, right: this.arithmetic(level + 1) };
    }
    return left;
  }

  private signed(): Expression {
    const token = this.next;
    if (token.kind !== 'symbol' || !SIGNS.has(token.text)) return this.members();
    this.skip(1);
    const operand = this.nested(() => this.signed());
    return foldSign(token.text as Sign, operand);
  }

  protected members(): Expression {
    let of = this.primary();
    for (let index = 0; ; index++) {
      this.link(index);
      if (this.takeSymbol('.')) {
        of = { kind: 'member', of, name: { kind: 'constant', value: this.name() } };
      } else if (this.takeSymbol('[')) {
        of = { kind: 'member', of, name: this.expression() };
        this.expectSymbol(']');
      } else return of;
    }
  }

  protected primary(): Expression {
    const token = this.next;
    switch (token.kind) {
      case 'number':
      case 'string':
        this.skip(1);
        return { kind: 'constant', value: token.value };
      case 'parameter':
        this.skip(1);
        return { kind: 'constant', value: this.parameter(token.text) };
      case 'word':
        return this.named(token);
      case 'symbol':
        return this.bracketed(token);
      case 'end':
        throw this.unexpected();
    }
  }

  private bracketed(token: Token): Expression {
    switch (token.text) {
      case '(':
        if (this.isWord('SELECT', 1)) return { kind: 'scalar', query: this.enclosedQuery() };
        return this.list(')', '(', 1)[0] ?? UNDEFINED;
      case '[':
        return { kind: 'array', elements: this.list(']', '[') };
      case '{':
        return { kind: 'object', members: this.objectMembers() };
      default:
        throw this.unexpected();
    }
  }

  private objectMembers(): Column[] {
    this.expectSymbol('{');
    const members: Column[] = [];
    if (this.takeSymbol('}')) return members;
    do {
      const token = this.next;
      if (token.kind !== 'word' && token.kind !== 'string') throw this.unexpected();
      this.skip(1);
      this.expectSymbol(':');
      const name = token.kind === 'string' ? token.value : token.text;
      members.push({ name, expression: this.expression() });
    } while (this.takeSymbol(','));
    this.expectSymbol('}');
    return members;
  }

  /** A constant, an alias, or a call. */
  private named(token: Token): Expression {
    if (this.isSymbol('(', 1)) return this.call(token);
    this.skip(1);
    const slot = this.aliases.lastIndexOf(token.text);
    if (slot >= 0) return { kind: 'slot', slot };
    if (!CONSTANTS.has(token.text.toLowerCase())) throw syntaxError(token.text, token.at);
    return { kind: 'constant', value: CONSTANTS.get(token.text.toLowerCase()) };
  }

  private call(token: Token): Expression {
    const name = token.text.toUpperCase();
    this.skip(1);
    if (name === 'EXISTS') return { kind: 'exists', query: this.enclosedQuery() };
    if (name === 'ARRAY') return { kind: 'arrayOf', query: this.enclosedQuery() };
    if (AGGREGATES.has(name)) return this.aggregate(name as AggregateName, token);
    const arity = arityOf(name);
    if (arity === undefined) {
      const message = `Function ${token.text} at position ${token.at} is not supported`;
      throw badRequest(`${message} by the embedded Cosmos DB.`);
    }
    const list = this.list(')', '(');
    if (list.length >= arity[0] && list.length <= arity[1]) return { kind: 'call', name, list };
    const wanted = arity[0] === arity[1] ? String(arity[0]) : `${arity[0]} to ${arity[1]}`;
    const message = `${token.text} at position ${token.at} takes ${wanted} arguments`;
    throw badRequest(`${message}, not ${list.length}.`);
  }

  private aggregate(name: AggregateName, token: Token): Expression {
    const { aggregates } = this;
    if (aggregates === undefined) {
      throw badRequest(
        `${name} at position ${token.at}: an aggregate stands in SELECT, and in no other.`,
      );
    }
    this.aggregates = undefined;
    const argument = this.list(')', '(', 1)[0] ?? UNDEFINED;
    this.aggregates = aggregates;
    return { kind: 'aggregate', index: aggregates.push({ name, argument }) - 1 };
  }

  protected enclosedQuery(): Query {
    this.expectSymbol('(');
    const query = this.nested(() => this.subquery());
    this.expectSymbol(')');
    return query;
  }

  private list(close: string, open: string, most = Infinity): Expression[] {
    this.expectSymbol(open);
    const list: Expression[] = [];
    if (most !== 1 && this.takeSymbol(close)) return list;
    do list.push(this.expression());
    while (list.length < most && this.takeSymbol(','));
    this.expectSymbol(close);
    return list;
  }

  private parameter(name: string): Json {
    const value = this.parameters.get(name);
    if (value === undefined) throw badRequest(`Parameter ${name} has no value.`);
    return value;
  }
}

const UNDEFINED: Expression = { kind: 'constant', value: undefined };
