import { after, minuteMs, secondMs } from '../../lang/instant.ts';
import type { Instant, Millis } from '../../lang/instant.ts';
import type { TargetId } from '../../lang/target.ts';
import type { MemberUse } from '../../decision/quota-facts.ts';
import { accountOf } from '../../setting/metric-keys.ts';

/** What was seen of a deployment in one bucket of time. */
export interface Used {
  readonly throttled: number;
  readonly served: number;
  readonly tokens: number;
}

/** Buckets end at multiples of this. */
const bucketMs = 5 * secondMs;

/** What nobody told for longer is not known: Azure's own metrics are minutes late, a gateway's a second. */
export const useAgeMs = 5 * minuteMs;

/** How far from now anything is of use. */
const keptMs = useAgeMs + minuteMs + bucketMs;

/** A capacity that is in force for less has shown nothing yet. */
const sinceChangeMinMs = 3 * bucketMs;

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
 * What a pool's deployments did in the last minute. A deployment that is silent while others of its account are heard had no
 * calls; of an account that is silent altogether, or was heard for less than a minute, nothing is known.
 */
export class DeploymentUse {
  readonly #heard: Map<string, Heard>;
  readonly #buckets = new Map<TargetId, Map<Instant, Used>>();

  constructor(snapshot: UseSnapshot = { heard: [], buckets: [] }) {
    this.#heard = new Map(snapshot.heard);
    for (const [target, end, used] of snapshot.buckets) this.#of(target).set(end, used);
  }

  /** Something of the account came that ends at `end`; what is ahead of now counts once now reaches it. */
  heard(account: string, end: Instant, now: Instant): void {
    if (end > now) return;
    const known = this.#heard.get(account);
    const goesOn = known !== undefined && end - known.until <= useAgeMs;
    if (!goesOn) this.#heard.set(account, { since: end, until: end });
    else if (end > known.until) this.#heard.set(account, { since: known.since, until: end });
  }

  saw(target: TargetId, end: Instant, added: Partial<Used>, now: Instant): void {
    if (Math.abs(end - now) > keptMs) return;
    const buckets = this.#of(target);
    const bucket = bucketEnd(end);
    const { throttled, served, tokens } = buckets.get(bucket) ?? nothing;
    buckets.set(bucket, {
      throttled: throttled + (added.throttled ?? 0),
      served: served + (added.served ?? 0),
      tokens: tokens + (added.tokens ?? 0),
    });
    for (const old of buckets.keys()) if (old < now - keptMs) buckets.delete(old);
  }

  /** `changedAt`: when its capacity became what it is. `undefined`: it cannot be told. */
  of(target: TargetId, changedAt: Instant | undefined, now: Instant): MemberUse | undefined {
    const heard = this.#heard.get(accountOf(target));
    if (heard === undefined || now - heard.until > useAgeMs) return undefined;
    if (heard.until - heard.since < minuteMs) return undefined;
    const end = bucketEnd(heard.until);
    const fromMs = Math.min(minuteMs, end - (changedAt ?? -Infinity));
    if (fromMs < sinceChangeMinMs) return undefined;
    const since = this.#sum(target, end, fromMs);
    const aMinute = minuteMs / (Math.floor(fromMs / bucketMs) * bucketMs);
    const { tokens } = this.#sum(target, end, minuteMs);
    return {
      throttled: since.throttled * aMinute,
      served: since.served * aMinute,
      used: tokens / tokensPerUnit,
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

  /** Of the whole buckets in the time before `end`. */
  #sum(target: TargetId, end: Instant, lengthMs: Millis): Used {
    let [throttled, served, tokens] = [0, 0, 0];
    const buckets = this.#buckets.get(target);
    for (let at = end; at - bucketMs >= end - lengthMs; at = after(at, -bucketMs)) {
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
