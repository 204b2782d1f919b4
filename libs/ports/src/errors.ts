/** A dependency does not answer, or says "later". Nothing is lost: what was asked may be asked again. */
export class DependencyUnavailable extends Error {
  override readonly name: string = 'DependencyUnavailable';
  readonly dependency: string;
  readonly retryAfterMs: number | undefined;

  constructor(dependency: string, message: string, options: UnavailableOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.dependency = dependency;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface UnavailableOptions {
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

/** The provider does not answer, throttles or is down: 429, 503, no connection, timeout. */
export class ProviderUnavailable extends DependencyUnavailable {
  override readonly name = 'ProviderUnavailable';
}
