/** What an operation that can fail for an expected reason answers. */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failed<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}

/** One thing that is wrong with a document: where, what, and what to do about it. */
export interface Problem {
  /** Path into the document, as its author wrote it: `properties.profiles[0].capacity.maximum`. */
  readonly field: string;
  /** What is wrong and how to mend it. */
  readonly message: string;
  /** Azure's own code where it has one, `InvalidActionValue` for example. */
  readonly code?: string;
}
