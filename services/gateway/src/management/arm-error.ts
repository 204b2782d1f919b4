import type { Problem } from '@headroom/core';

/** An answer other than success, in the form of Azure Resource Manager. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  /** One of ARM's own where it has one. */
  readonly code: string;
  /** The fields that it is about. */
  readonly problems: readonly Problem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, more: ArmErrorDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = more.problems ?? [];
    this.headers = more.headers ?? {};
  }
}

export interface ArmErrorDetails {
  readonly problems?: readonly Problem[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** `{"error": {"code", "message", "target", "details"}}`. */
export function armErrorBody({ code, message, problems }: ArmError): object {
  const [first] = problems;
  if (first === undefined) return { error: { code, message } };
  const details = problems.map((one) => ({ code, message: one.message, target: one.field }));
  return { error: { code, message, target: first.field, details } };
}

export function notFound(code: string, message: string): ArmError {
  return new ArmError(404, code, message);
}

export function unavailable(message: string, retryAfterMs = 1_000): ArmError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const headers = { 'retry-after': String(seconds) };
  return new ArmError(503, 'ServiceUnavailable', message, { headers });
}
