import type { AmqpError } from '../errors.ts';
import { unauthorized } from '../errors.ts';

/** Entities that the tokens of one connection name; a client with more loses the oldest. */
const MAX_CLAIMS = 10_000;

/** What the claims need of a link. */
export interface ClaimedLink {
  readonly isOpen: boolean;
  detach(error: AmqpError): void;
}

/** What the tokens that were put on one connection allow, and until when (epoch ms). */
export class Claims {
  /** By the entity's path in lower case; '' is the namespace. */
  readonly #untilMs = new Map<string, number>();
  readonly #links = new Map<ClaimedLink, string>();

  /** Tokens that were put and are still being checked. */
  checking = 0;

  /** No token was put yet. */
  get isEmpty(): boolean {
    return this.#untilMs.size === 0;
  }

  /** A token for an entity is good for what is below it too. */
  put(entity: string, untilMs: number): void {
    const path = entity.toLowerCase();
    this.#untilMs.delete(path);
    this.#untilMs.set(path, untilMs);
    if (this.#untilMs.size <= MAX_CLAIMS) return;
    const [oldest] = this.#untilMs.keys();
    if (oldest !== undefined) this.#untilMs.delete(oldest);
  }

  covers(entity: string, now: number): boolean {
    const parts = entity.toLowerCase().split('/');
    const above = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    return ['', ...above].some((path) => (this.#untilMs.get(path) ?? 0) > now);
  }

  /** Whether there is a good token at all. */
  any(now: number): boolean {
    return [...this.#untilMs.values()].some((untilMs) => untilMs > now);
  }

  /** The link stays open as long as a token covers the entity. */
  hold(link: ClaimedLink, entity: string): void {
    this.#links.set(link, entity);
  }

  /** Ends the links whose tokens have expired, and forgets closed ones. */
  endExpired(now: number): void {
    for (const [link, entity] of this.#links) {
      if (link.isOpen && this.covers(entity, now)) continue;
      this.#links.delete(link);
      // The SDKs put a new token and open the link again.
      link.detach(
        unauthorized(`ExpiredToken: the token for '${entity}' has expired: put a new one.`),
      );
    }
  }
}
