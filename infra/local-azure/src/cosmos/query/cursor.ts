import type { CosmosError } from '../errors.ts';
import { badRequest } from '../errors.ts';
import type { Token } from './tokens.ts';
import { syntaxError } from './tokens.ts';

/** Deeper nesting is refused: the parser and the evaluator are recursive. */
const MAX_DEPTH = 64;
/** Links of a chain such as `c.a.b` that anybody may write; each nests the tree by one. */
const FREE_LINKS = 4;
/** Of the longer chains in a whole query. */
const MAX_LINKS = 1_000;

/** Walks over the tokens of a query. */
export class Cursor {
  protected readonly tokens: readonly Token[];
  protected position = 0;
  private depth = 0;
  private links = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  protected get next(): Token {
    const token = this.tokens[this.position];
    if (token === undefined) throw badRequest('The query ends too early.');
    return token;
  }

  protected nested<T>(parse: () => T): T {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) throw badRequest(`The query nests above ${MAX_DEPTH} levels.`);
    const result = parse();
    this.depth -= 1;
    return result;
  }

  /** For each further link of a chain, which counts from zero. */
  protected link(index: number): void {
    if (index < FREE_LINKS) return;
    this.links += 1;
    if (this.links > MAX_LINKS) throw badRequest(`The query chains above ${MAX_LINKS} operators.`);
  }

  protected name(): string {
    const token = this.next;
    if (token.kind !== 'word') throw this.unexpected();
    this.skip(1);
    return token.text;
  }

  protected skip(count: number): void {
    this.position += count;
  }

  protected isWord(word: string, ahead = 0): boolean {
    const token = this.tokens[this.position + ahead];
    return token?.kind === 'word' && token.text.toUpperCase() === word;
  }

  protected isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.tokens[this.position + ahead];
    return token?.kind === 'symbol' && token.text === symbol;
  }

  protected takeWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.skip(1);
    return found;
  }

  protected takeSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.skip(1);
    return found;
  }

  protected expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.unexpected();
  }

  protected expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  protected unexpected(): CosmosError {
    return syntaxError(this.next.text, this.next.at);
  }
}
