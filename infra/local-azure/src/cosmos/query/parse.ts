import type { Json } from '../../json.ts';
import { badRequest } from '../errors.ts';
import { Expressions } from './parse-expression.ts';
import type { Order, Query, Selection } from './query.ts';
import { MAX_LIMIT } from './query.ts';
import { syntaxError, tokensOf } from './tokens.ts';

export type Parameters = ReadonlyMap<string, Json>;

/**
 * Parses the subset of Cosmos DB's SQL that the embedded data plane answers:
 *
 *     SELECT [TOP n] * | VALUE expression | VALUE COUNT(1) | column, …
 *     FROM alias [WHERE condition] [ORDER BY path [ASC | DESC], …] [OFFSET n LIMIT n]
 *
 * Everything else is an error that names the token: a wrong answer would be worse than none.
 */
export function parseQuery(text: string, parameters: Parameters): Query {
  const parser = new Parser(text, parameters);
  return parser.query();
}

/** Parses `FROM c WHERE …`, the condition of a patch. */
export function parseCondition(text: string): Query {
  return parseQuery(`SELECT * ${text}`, new Map());
}

class Parser extends Expressions {
  constructor(text: string, parameters: Parameters) {
    super(tokensOf(text), parameters);
  }

  query(): Query {
    this.alias = this.findAlias();
    this.expectWord('SELECT');
    const top = this.takeWord('TOP') ? this.count('TOP') : undefined;
    const selection = this.selection();
    this.from();
    const where = this.takeWord('WHERE') ? this.expression() : undefined;
    const orderBy = this.takeWord('ORDER') ? this.orderBy() : [];
    const [offset, limit] = this.takeWord('OFFSET') ? this.offsetLimit() : [0, undefined];
    if (this.next.kind !== 'end') throw this.unexpected();
    if (top !== undefined && limit !== undefined) throw badRequest('TOP with OFFSET LIMIT.');
    return { selection, where, orderBy, offset, limit: top ?? limit };
  }

  /** The alias stands behind the columns that use it: it is looked up first. */
  private findAlias(): string {
    const index = this.tokens.findIndex(
      (token) => token.kind === 'word' && token.text.toUpperCase() === 'FROM',
    );
    let name = this.tokens[index + 1];
    if (index < 0 || name?.kind !== 'word') throw badRequest('The query has no FROM with a name.');
    const after = this.tokens[index + 2];
    const last =
      after?.kind === 'word' && after.text.toUpperCase() === 'AS' ? index + 3 : index + 2;
    const alias = this.tokens[last];
    if (alias?.kind === 'word' && !CLAUSES.has(alias.text.toUpperCase())) name = alias;
    return name.text;
  }

  private from(): void {
    this.expectWord('FROM');
    this.name();
    const explicit = this.takeWord('AS');
    const token = this.next;
    if (explicit || (token.kind === 'word' && !CLAUSES.has(token.text.toUpperCase()))) this.name();
  }

  private selection(): Selection {
    if (this.takeSymbol('*')) return { kind: 'all' };
    if (!this.takeWord('VALUE')) return { kind: 'list', columns: this.columns() };
    if (this.isCall('COUNT')) return this.countOne();
    return { kind: 'value', expression: this.expression() };
  }

  private countOne(): Selection {
    this.skip(2);
    const token = this.next;
    if (token.kind !== 'number' || token.value !== 1) throw this.unexpected();
    this.skip(1);
    this.expectSymbol(')');
    return { kind: 'count' };
  }

  private columns(): { name: string; expression: ReturnType<Expressions['expression']> }[] {
    const columns = [];
    do {
      const expression = this.expression();
      const name = this.takeWord('AS') ? this.name() : this.nameOf(expression);
      columns.push({ name, expression });
    } while (this.takeSymbol(','));
    return columns;
  }

  private nameOf(expression: ReturnType<Expressions['expression']>): string {
    if (expression.kind !== 'path')
      throw badRequest('A column that is no path needs AS and a name.');
    const last = expression.path.at(-1);
    if (typeof last === 'number') throw badRequest(`Column [${last}] needs AS and a name.`);
    return last ?? this.alias;
  }

  private orderBy(): Order[] {
    this.expectWord('BY');
    const order: Order[] = [];
    do {
      const token = this.next;
      const expression = this.expression();
      if (expression.kind !== 'path') throw syntaxError(token.text, token.at);
      const descending = this.takeWord('DESC');
      if (!descending) this.takeWord('ASC');
      order.push({ path: expression.path, descending });
    } while (this.takeSymbol(','));
    return order;
  }

  private offsetLimit(): [number, number] {
    const offset = this.count('OFFSET');
    this.expectWord('LIMIT');
    return [offset, this.count('LIMIT')];
  }

  private count(clause: string): number {
    const token = this.next;
    const value = this.operand();
    const number = value.kind === 'constant' ? value.value : undefined;
    const fits = typeof number === 'number' && Number.isInteger(number) && number >= 0;
    if (fits && number <= MAX_LIMIT) return number;
    throw badRequest(`${clause} needs a whole number, not '${token.text}'.`);
  }
}

const CLAUSES = new Set(['WHERE', 'ORDER', 'OFFSET', 'GROUP', 'JOIN', 'IN', 'AS']);
