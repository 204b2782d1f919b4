import { after, assert } from '@headroom/core';
import type { Instant, Millis, TargetId } from '@headroom/core';
import { ProviderUnavailable } from '@headroom/ports';
import type {
  CapacityReading,
  Clock,
  OperationProgress,
  ProviderRefusal,
  ScaleReply,
  ScaleTarget,
} from '@headroom/ports';

export interface MemoryTargetOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** From the accepted request until the capacity is there. */
  readonly provisioningMs: Millis;
}

/** What goes wrong with one call. */
export type TargetFailure =
  | { readonly kind: 'unavailable'; readonly retryAfterMs?: Millis }
  /** `scale` only: the request takes effect, and its answer does not arrive. */
  | { readonly kind: 'answerLost' }
  /** `scale`: refused at once. `poll`: the operation ends so and changes nothing. */
  | ProviderRefusal;

/** A request to scale that took effect. */
export interface ScaleRequest {
  readonly target: TargetId;
  readonly to: number;
  readonly at: Instant;
}

/** What the provider tells a poller to wait. */
const retryAfterMs: Millis = 1000;
const notFound = 'the deployment does not exist';

/**
 * Deployments under endpoints (`…/ENDPOINT/deployments/NAME`) on the clock: an endpoint takes one operation at a time, and the
 * capacity changes when it ends. Nothing moves between calls: each looks at the clock first.
 */
export class MemoryTarget implements ScaleTarget {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #provisioningMs: Millis;
  readonly #capacities = new Map<TargetId, number>();
  readonly #operations = new Map<string, Operation>();
  readonly #requests: ScaleRequest[] = [];
  readonly #failures: Record<Call, TargetFailure[]> = { read: [], scale: [], poll: [] };

  constructor(options: MemoryTargetOptions) {
    this.#clock = options.clock;
    this.#provisioningMs = options.provisioningMs;
  }

  /** Makes a deployment, or changes its capacity by another's hand, at once. */
  deploy(target: TargetId, instances: number): void {
    assert(this.exclusionKey(target) !== undefined, `not a deployment's id: ${target}`);
    this.#capacities.set(target, instances);
  }

  capacity(target: TargetId): number | undefined {
    this.#finishDue();
    return this.#capacities.get(target);
  }

  /** Requests that took effect, in order. */
  get requests(): readonly ScaleRequest[] {
    return this.#requests;
  }

  /** The next calls of this kind fail like this, one each. */
  fail(call: Call, ...failures: readonly TargetFailure[]): void {
    this.#failures[call].push(...failures);
  }

  exclusionKey(target: TargetId): string | undefined {
    return /^(.+)\/deployments\/[^/]+$/.exec(target)?.[1];
  }

  async read(target: TargetId): Promise<CapacityReading> {
    await this.#throwPlanned('read');
    const instances = this.capacity(target);
    if (instances === undefined) return { kind: 'notFound', detail: notFound };
    return { kind: 'capacity', instances, busy: this.#running(target) !== undefined };
  }

  async scale(target: TargetId, to: number): Promise<ScaleReply> {
    const failure = await this.#throwPlanned('scale');
    this.#finishDue();
    if (failure?.kind === 'refused') return failure;
    if (!this.#capacities.has(target)) return refused('Rejected', 'ResourceNotFound', notFound);
    const running = this.#running(target);
    if (running !== undefined) {
      return { kind: 'busy', detail: `${running} is running`, retryAfterMs };
    }
    const operation = this.#start(target, to);
    if (failure?.kind === 'answerLost') throw new ProviderUnavailable('target', 'no answer came');
    return { kind: 'accepted', operation, retryAfterMs };
  }

  async poll(operation: string): Promise<OperationProgress> {
    const failure = await this.#throwPlanned('poll');
    const found = this.#operations.get(operation);
    if (found === undefined) return refused('Failed', 'OperationNotFound', operation);
    if (failure?.kind === 'refused' && found.end === undefined) found.end = failure;
    this.#finishDue();
    return found.end ?? { kind: 'running', retryAfterMs };
  }

  #start(target: TargetId, to: number): string {
    const name = `operation-${this.#operations.size + 1}`;
    const at = this.#clock.now();
    this.#operations.set(name, {
      target,
      to,
      endsAt: after(at, this.#provisioningMs),
      end: undefined,
    });
    this.#requests.push({ target, to, at });
    return name;
  }

  /** The name of the operation that holds the target's exclusion key. */
  #running(target: TargetId): string | undefined {
    const key = this.exclusionKey(target);
    for (const [name, operation] of this.#operations) {
      if (operation.end === undefined && this.exclusionKey(operation.target) === key) return name;
    }
    return undefined;
  }

  #finishDue(): void {
    for (const operation of this.#operations.values()) {
      if (operation.end !== undefined || operation.endsAt > this.#clock.now()) continue;
      operation.end = { kind: 'succeeded' };
      this.#capacities.set(operation.target, operation.to);
    }
  }

  /** Takes the failure that is planned for this call, if any, and throws where it is one to throw. */
  #throwPlanned(call: Call): Promise<TargetFailure | undefined> {
    const failure = this.#failures[call].shift();
    if (failure?.kind !== 'unavailable') return Promise.resolve(failure);
    const { retryAfterMs: later } = failure;
    const options = later === undefined ? {} : { retryAfterMs: later };
    return Promise.reject(new ProviderUnavailable('target', 'planned to be away', options));
  }
}

type Call = 'read' | 'scale' | 'poll';

interface Operation {
  readonly target: TargetId;
  readonly to: number;
  readonly endsAt: Instant;
  end: { readonly kind: 'succeeded' } | ProviderRefusal | undefined;
}

function refused(
  outcome: ProviderRefusal['outcome'],
  code: string,
  detail: string,
): ProviderRefusal {
  return { kind: 'refused', outcome, code, detail };
}
