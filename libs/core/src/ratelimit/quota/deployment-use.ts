import { after, minuteMs, secondMs } from '../../lang/instant.ts';
import type { Instant } from '../../lang/instant.ts';
import type { TargetId } from '../../lang/target.ts';
import type { MemberUse } from '../../decision/quota-facts.ts';

/** What was seen of a deployment in one bucket of time. */
export interface Used {
  readonly throttled: number;
  readonly served: number;
  readonly tokens: number;
}

/** Buckets end at multiples of this. */
const bucketMs = 5 * secondMs;

/** How far back a deployment's peak is looked for. */
const memoryMs = 10 * minuteMs;

/** What nobody told for longer is not known: Azure's own metrics are minutes late, a gateway's a second. */
export const useAgeMs = 5 * minuteMs;

/** Tokens a minute that one unit of capacity is, for the models whose quota is moved. */
const tokensPerUnit = 1000;

/** Of one account: from when to when something came of it. */
export interface Heard {
  readonly since: Instant;
  readonly until: Instant;
}

export interface UseSnapshot {
  readonly heard: readonly (readonly [account: string, heard: Heard])[];
  readonly buckets: readonly (readonly [target: TargetId, end: Instant, used: Used])[];
}

/**
 * What a pool's deployments did in the last minutes. A deployment that is silent while others of its account are heard had no
 * calls; of an account that is silent altogether, or was heard for less than a minute, nothing is known.
 */
export class DeploymentUse {
  readonly #heard: Map<string, Heard>;
  readonly #buckets = new Map<TargetId, Map<Instant, Used>>();

  constructor(snapshot: UseSnapshot = { heard: [], buckets: [] }) {
    this.#heard = new Map(snapshot.heard);
    for (const [target, end, used] of snapshot.buckets) this.#of(target).set(end, used);
  }

  /** Something of the account came that ends at `end`. */
  heard(account: string, end: Instant): void {
    const known = this.#heard.get(account);
    const goesOn = known !== undefined && end - known.until <= useAgeMs;
    if (!goesOn) this.#heard.set(account, { since: end, until: end });
    else if (end > known.until) this.#heard.set(account, { since: known.since, until: end });
  }

  saw(target: TargetId, end: Instant, added: Partial<Used>): void {
    const buckets = this.#of(target);
    const bucket = bucketEnd(end);
    const { throttled, served, tokens } = buckets.get(bucket) ?? nothing;
    buckets.set(bucket, {
      throttled: throttled + (added.throttled ?? 0),
      served: served + (added.served ?? 0),
      tokens: tokens + (added.tokens ?? 0),
    });
    for (const old of buckets.keys()) if (old <= bucket - memoryMs) buckets.delete(old);
  }

  /** `undefined`: it cannot be told. */
  of(target: TargetId, account: string, now: Instant): MemberUse | undefined {
    const heard = this.#heard.get(account);
    if (heard === undefined || now - heard.until > useAgeMs) return undefined;
    if (heard.until - heard.since < minuteMs) return undefined;
    const end = bucketEnd(heard.until);
    const last = this.#minute(target, end);
    let peak = 0;
    for (let ago = 0; ago < memoryMs; ago += minuteMs) {
      peak = Math.max(peak, this.#minute(target, after(end, -ago)).tokens);
    }
    return {
      throttled: last.throttled,
      served: last.served,
      used: last.tokens / tokensPerUnit,
      peak: peak / tokensPerUnit,
    };
  }

  snapshot(): UseSnapshot {
    return {
      heard: [...this.#heard],
      buckets: [...this.#buckets].flatMap(([target, buckets]) =>
        [...buckets].map(([end, used]) => [target, end, used] as const),
      ),
    };
  }

  #minute(target: TargetId, end: Instant): Used {
    let [throttled, served, tokens] = [0, 0, 0];
    const buckets = this.#buckets.get(target);
    for (let at = end; at > end - minuteMs; at = after(at, -bucketMs)) {
      const used = buckets?.get(at) ?? nothing;
      throttled += used.throttled;
      served += used.served;
      tokens += used.tokens;
    }
    return { throttled, served, tokens };
  }

  #of(target: TargetId): Map<Instant, Used> {
    const known = this.#buckets.get(target) ?? new Map<Instant, Used>();
    this.#buckets.set(target, known);
    return known;
  }
}

const nothing: Used = { throttled: 0, served: 0, tokens: 0 };

function bucketEnd(end: Instant): Instant {
  return (Math.ceil(end / bucketMs) * bucketMs) as Instant;
}
