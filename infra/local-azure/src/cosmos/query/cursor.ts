import type { CosmosError } from '../errors.ts';
import { badRequest } from '../errors.ts';
import type { Token } from './tokens.ts';
import { syntaxError } from './tokens.ts';

/** Deeper nesting is refused: the parser and the evaluator are recursive. */
const MAX_DEPTH = 64;
/** Of `a + b + c …` and `c.a.b.c …` in a whole query: each step nests the tree by one. */
const MAX_STEPS = 2_000;

/** Walks over the tokens of a query. */
export class Cursor {
  protected readonly tokens: readonly Token[];
  protected position = 0;
  private depth = 0;
  private steps = 0;

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

  protected step(): void {
    this.steps += 1;
    if (this.steps > MAX_STEPS) throw badRequest(`The query has above ${MAX_STEPS} operators.`);
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
