const SUPPORTED =
  'The embedded Azure understands = <> != < <= > >=, [NOT] IN, [NOT] LIKE, IS [NOT] NULL, EXISTS, ' +
  'AND, OR, NOT and parentheses over application properties (name, user.name, [any name]), ' +
  'system properties (sys.Label) and constants; no arithmetic, functions or parameters.';

/** A SQL filter that is not understood: it must neither pass nor drop messages. */
export class FilterError extends Error {
  /** Counted from 0. */
  readonly position: number;

  constructor(expression: string, position: number, problem: string) {
    const near = expression.slice(position, position + 20);
    const where = near === '' ? 'at its end' : `at position ${position + 1} ("${near}")`;
    super(`The filter "${expression}" is not supported ${where}: ${problem}. ${SUPPORTED}`);
    this.name = 'FilterError';
    this.position = position;
  }
}
