import { CosmosError } from './errors.ts';

const KIB = 1024;
const SUBSTATUS_THROTTLED = 3200;
const QUERY_BASE = 2.3;
const PER_ITEM_LOOKED_AT = 0.03;
const PER_KIB_OF_RESULTS = 0.25;

/** Rules of thumb of the service's documentation: 1 for a read of 1 KB, about 5 for a write of it. */
export const readCharge = (bytes: number): number => Math.max(1, Math.ceil(bytes / KIB));
export const writeCharge = (bytes: number): number => 5 * Math.max(1, Math.ceil(bytes / KIB));
export const queryCharge = (scanned: number, bytes: number): number =>
  QUERY_BASE + PER_ITEM_LOOKED_AT * scanned + (PER_KIB_OF_RESULTS * bytes) / KIB;

export const chargeText = (charge: number): string => String(Math.round(charge * 100) / 100);

/**
 * Request units of an account. As on the service a request is let in while there are any, and what it
 * costs is taken off afterwards, so that the rest may fall below zero.
 */
export class RequestUnits {
  private readonly perSecond: number;
  private readonly clock: () => number;
  private left: number;
  private filledAt: number;

  constructor(perSecond: number, clock: () => number) {
    this.perSecond = perSecond;
    this.clock = clock;
    this.left = perSecond;
    this.filledAt = clock();
  }

  /** Throws 429, with the time to wait, when they are used up. */
  admit(): void {
    const now = this.clock();
    const gained = (Math.max(0, now - this.filledAt) * this.perSecond) / 1000;
    this.left = Math.min(this.perSecond, this.left + gained);
    this.filledAt = now;
    if (this.left > 0) return;
    throw new ThrottledError(Math.ceil((-this.left * 1000) / this.perSecond) + 1);
  }

  charge(units: number): void {
    this.left -= units;
  }
}

export class ThrottledError extends CosmosError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    const message = `The request rate is too large: wait ${retryAfterMs} ms (requestUnitsPerSecond).`;
    super(429, 'TooManyRequests', message, SUBSTATUS_THROTTLED);
    this.name = 'ThrottledError';
    this.retryAfterMs = retryAfterMs;
  }
}
