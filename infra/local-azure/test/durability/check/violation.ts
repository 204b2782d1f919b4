/** A promise that was broken: what, where, and after how many kills it was seen. */
export interface Violation {
  readonly what: string;
  readonly where: string;
  readonly kill: number;
}

/** What became of a request: `unknown` is a request whose answer never came. */
export type Outcome = 'acknowledged' | 'unknown';

export const textOf = ({ what, where, kill }: Violation): string =>
  `${where}: ${what} (kill ${kill})`;
