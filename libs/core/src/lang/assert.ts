/** A programmer's error. It ends the process; what was being handled stays unsettled and comes back. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Ends an exhaustive switch: the compiler proves that it is never reached. */
export function never(value: never): never {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`);
}
