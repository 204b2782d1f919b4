import { badRequest } from '../errors.ts';
import { Expressions } from './parse-expression.ts';
import type { Parameters } from './parse-expression.ts';
import type { Aggregate, Column, Expression, Order, Query, Selection, Source } from './query.ts';
import { isAggregated, itemPath, MAX_LIMIT } from './query.ts';
import { checkGrouping } from './grouping.ts';
import { syntaxError, tokensOf } from './tokens.ts';

export type { Parameters } from './parse-expression.ts';

/**
 * Parses the subset of Cosmos DB's SQL that the embedded data plane answers:
 *
 *     SELECT [DISTINCT] [TOP n] * | VALUE expression | expression [AS name], …
 *     FROM alias [JOIN name IN expression …] [WHERE condition] [GROUP BY expression, …]
 *     [ORDER BY path [ASC | DESC], …] [OFFSET n LIMIT n]
 *
 * Everything else is an error that names the token: a wrong answer would be worse than none.
 */
export function parseQuery(text: string, parameters: Parameters): Query {
  return new Parser(tokensOf(text), parameters).whole();
}

/** Parses `FROM c WHERE …`, the condition of a patch. */
export function parseCondition(text: string): Query {
  return parseQuery(`SELECT * ${text}`, new Map());
}

class Parser extends Expressions {
  whole(): Query {
    const query = this.subquery();
    if (this.next.kind !== 'end') throw this.unexpected();
    return query;
  }

  protected subquery(): Query {
    const outer = { aliases: this.aliases, aggregates: this.aggregates };
    this.aliases = [...outer.aliases];
    this.aggregates = undefined;
    const start = this.position;
    const from = this.placeOfFrom();
    const isOutermost = outer.aliases.length === 0;
    this.position = from;
    const inputs = this.from(isOutermost);
    const behind = this.position;
    this.position = start;
    const query = this.clauses(inputs, from, behind);
    if (!isOutermost) checkSubquery(query);
    ({ aliases: this.aliases, aggregates: this.aggregates } = outer);
    return query;
  }

  /** SELECT uses the names that FROM behind it gives: FROM is read first. */
  private placeOfFrom(): number {
    let depth = 0;
    for (let at = this.position; at < this.tokens.length; at++) {
      const token = this.tokens[at];
      if (token?.kind === 'symbol' && '([{'.includes(token.text)) depth += 1;
      if (token?.kind === 'symbol' && ')]}'.includes(token.text)) depth -= 1;
      if (depth < 0) break;
      const before = this.tokens[at - 1];
      const isMember = before?.kind === 'symbol' && before.text === '.';
      const isFrom = token?.kind === 'word' && token.text.toUpperCase() === 'FROM';
      if (isFrom && depth === 0 && !isMember) return at;
    }
    throw badRequest('The query has no FROM with a name.');
  }

  private clauses(inputs: Inputs, from: number, behind: number): Query {
    const sources = inputs.filter((source) => source !== undefined);
    const aggregates: Aggregate[] = [];
    this.expectWord('SELECT');
    const distinct = this.takeWord('DISTINCT');
    const top = this.takeWord('TOP') ? this.count('TOP') : undefined;
    this.aggregates = aggregates;
    const selection = this.selection(inputs);
    this.aggregates = undefined;
    if (this.position !== from) throw this.unexpected();
    this.position = behind;
    const where = this.takeWord('WHERE') ? this.expression() : undefined;
    const groupBy = this.takeWord('GROUP') ? this.groupBy() : [];
    const orderBy = this.takeWord('ORDER') ? this.orderBy() : [];
    const [offset, limit] = this.takeWord('OFFSET') ? this.offsetLimit() : [0, undefined];
    if (top !== undefined && limit !== undefined) throw badRequest('TOP with OFFSET LIMIT.');
    const cut = { offset, limit: top ?? limit };
    const query = { selection, distinct, sources, where, groupBy, aggregates, orderBy, ...cut };
    checkClauses(query);
    return query;
  }

  private from(outermost: boolean): Inputs {
    this.expectWord('FROM');
    const inputs = [this.firstSource(outermost)];
    while (this.takeWord('JOIN')) inputs.push(this.join());
    return inputs;
  }

  /** `c`, `root c`, `c.list AS l`, `t IN c.list`; in the outermost query `c` is the item. */
  private firstSource(outermost: boolean): Source | undefined {
    if (this.isWord('IN', 1)) {
      const alias = this.name();
      this.skip(1);
      // What stands behind IN may be the item, whose name is then known to this clause only.
      if (outermost) this.aliases = [this.itemName()];
      return this.bind(alias, this.sourceExpression(), true);
    }
    if (!outermost) {
      const expression = this.sourceExpression();
      return this.bind(this.alias() ?? lastName(expression), expression, false);
    }
    const name = this.itemName();
    this.aliases = [name];
    const expression = this.sourceExpression();
    const alias = this.alias();
    if (expression.kind !== 'slot')
      return this.bind(alias ?? lastName(expression), expression, false);
    this.aliases = [alias ?? name];
    return undefined;
  }

  private itemName(): string {
    const token = this.next;
    if (token.kind !== 'word') throw badRequest('The query has no FROM with a name.');
    return token.text;
  }

  private join(): Source {
    if (this.isWord('IN', 1)) {
      const alias = this.name();
      this.skip(1);
      return this.bind(alias, this.sourceExpression(), true);
    }
    const query = this.enclosedQuery();
    return this.bind(this.alias(), { kind: 'arrayOf', query }, true);
  }

  private sourceExpression(): Expression {
    if (!this.isSymbol('(')) return this.members();
    return { kind: 'arrayOf', query: this.enclosedQuery() };
  }

  private bind(alias: string | undefined, expression: Expression, each: boolean): Source {
    if (alias === undefined) throw this.unexpected();
    this.aliases.push(alias);
    return { expression, each };
  }

  private alias(): string | undefined {
    const explicit = this.takeWord('AS');
    const token = this.next;
    const isName = token.kind === 'word' && !CLAUSES.has(token.text.toUpperCase());
    return explicit || isName ? this.name() : undefined;
  }

  private selection(inputs: Inputs): Selection {
    if (this.takeSymbol('*')) {
      if (inputs.length === 1) return { kind: 'all', slot: this.aliases.length - 1 };
      throw badRequest("'SELECT *' is only valid with a single input: name what to select.");
    }
    if (this.takeWord('VALUE')) return { kind: 'value', expression: this.expression() };
    return { kind: 'list', columns: this.columns() };
  }

  private columns(): Column[] {
    const columns: Column[] = [];
    let unnamed = 0;
    do {
      const expression = this.expression();
      const name = this.alias() ?? lastName(expression) ?? this.slotName(expression);
      columns.push({ name: name ?? `$${++unnamed}`, expression });
    } while (this.takeSymbol(','));
    return columns;
  }

  private slotName(expression: Expression): string | undefined {
    return expression.kind === 'slot' ? this.aliases[expression.slot] : undefined;
  }

  private groupBy(): Expression[] {
    this.expectWord('BY');
    const list: Expression[] = [];
    do list.push(this.expression());
    while (this.takeSymbol(','));
    return list;
  }

  private orderBy(): Order[] {
    this.expectWord('BY');
    const order: Order[] = [];
    do {
      const token = this.next;
      const path = itemPath(this.expression());
      if (path === undefined || path.length === 0) throw syntaxError(token.text, token.at);
      const descending = this.takeWord('DESC');
      if (!descending) this.takeWord('ASC');
      order.push({ path, descending });
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
    const value = this.primary();
    const number = value.kind === 'constant' ? value.value : undefined;
    const fits = typeof number === 'number' && Number.isInteger(number) && number >= 0;
    if (fits && number <= MAX_LIMIT) return number;
    throw badRequest(`${clause} needs a whole number, not '${token.text}'.`);
  }
}

/** What FROM and JOIN name, one after the other; undefined for the item itself. */
type Inputs = readonly (Source | undefined)[];

function checkSubquery({ orderBy, offset, limit }: Query): void {
  if (orderBy.length === 0 && offset === 0 && limit === undefined) return;
  throw badRequest('ORDER BY, TOP and OFFSET LIMIT in a subquery are not supported.');
}

function checkClauses(query: Query): void {
  const { orderBy, selection } = query;
  const aggregated = isAggregated(query);
  if (aggregated && orderBy.length > 0) {
    throw badRequest('ORDER BY together with GROUP BY or an aggregate is not supported.');
  }
  if (aggregated && selection.kind === 'all') {
    throw badRequest("'SELECT *' cannot be used with GROUP BY.");
  }
  if (aggregated) checkGrouping(query);
}

function lastName(expression: Expression): string | undefined {
  if (expression.kind !== 'member' || expression.name.kind !== 'constant') return undefined;
  const { value } = expression.name;
  return typeof value === 'string' ? value : undefined;
}

const CLAUSES = new Set([
  ...['WHERE', 'ORDER', 'OFFSET', 'GROUP', 'JOIN', 'IN', 'AS', 'FROM'],
  ...['AND', 'OR', 'NOT', 'BETWEEN', 'LIKE', 'ASC', 'DESC'],
]);
