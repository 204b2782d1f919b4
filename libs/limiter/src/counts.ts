import type { BlockedBy, Millis } from '@headroom/core';
import type {
  AccountTally,
  CallerTally,
  DeploymentTally,
  KeyTally,
  LatencyTally,
} from './tally.ts';
import { callersMax, deploymentsMax, topCallersMax } from './named-limits.ts';

/** Counts under a rule's key since the last drain. */
export class KeyCounts {
  total = 0;
  successful = 0;
  #blocked: Partial<Record<BlockedBy, number>> = {};
  #timed = 0;
  #sumMs = 0;
  #minMs = Infinity;
  #maxMs = 0;

  blocked(by: BlockedBy): void {
    this.#blocked[by] = (this.#blocked[by] ?? 0) + 1;
  }

  took(latencyMs: Millis): void {
    this.#timed++;
    this.#sumMs += latencyMs;
    this.#minMs = Math.min(this.#minMs, latencyMs);
    this.#maxMs = Math.max(this.#maxMs, latencyMs);
  }

  drain(): Pick<KeyTally, 'total' | 'successful' | 'blocked' | 'latency'> {
    const { total, successful } = this;
    const latency = this.#latency();
    const drained = { total, successful, blocked: this.#blocked };
    this.total = this.successful = this.#timed = this.#sumMs = this.#maxMs = 0;
    this.#minMs = Infinity;
    this.#blocked = {};
    return latency === undefined ? drained : { ...drained, latency };
  }

  #latency(): LatencyTally | undefined {
    if (this.#timed === 0) return undefined;
    return { count: this.#timed, sumMs: this.#sumMs, minMs: this.#minMs, maxMs: this.#maxMs };
  }
}

/** Calls by caller since the last drain. Once there are too many, new ones are not told: the busiest came before. */
class CallerCounts {
  #calls = new Map<string, { calls: number }>();

  count(caller: string): void {
    const known = this.#calls.get(caller);
    if (known !== undefined) known.calls++;
    else if (this.#calls.size < callersMax) this.#calls.set(caller, { calls: 1 });
  }

  drain(): readonly CallerTally[] {
    const all = [...this.#calls].map(([caller, { calls }]) => ({ caller, calls }));
    this.#calls = new Map();
    return all
      .sort((a, b) => b.calls - a.calls || (a.caller < b.caller ? -1 : 1))
      .slice(0, topCallersMax);
  }
}

interface DeploymentCount {
  inputTokens: number;
  outputTokens: number;
  readonly requests: Map<number, number>;
}

/** Tokens and answers by deployment since the last drain. */
class DeploymentCounts {
  #deployments = new Map<string, DeploymentCount>();

  used(deployment: string, inputTokens: number, outputTokens: number): void {
    const count = this.#of(deployment);
    if (count === undefined) return;
    count.inputTokens += inputTokens;
    count.outputTokens += outputTokens;
  }

  answered(deployment: string, statusCode: number): void {
    const requests = this.#of(deployment)?.requests;
    requests?.set(statusCode, (requests.get(statusCode) ?? 0) + 1);
  }

  drain(): readonly DeploymentTally[] {
    const drained = [...this.#deployments].map(([deployment, count]) => ({ deployment, ...count }));
    this.#deployments = new Map();
    return drained;
  }

  #of(deployment: string): DeploymentCount | undefined {
    const known = this.#deployments.get(deployment);
    if (known !== undefined || this.#deployments.size >= deploymentsMax) return known;
    const count = { inputTokens: 0, outputTokens: 0, requests: new Map<number, number>() };
    this.#deployments.set(deployment, count);
    return count;
  }
}

/** Of an account. */
export class AccountCounts {
  readonly callers = new CallerCounts();
  readonly deployments = new DeploymentCounts();
  spendMicros = 0;

  drain(): Pick<AccountTally, 'callers' | 'spendMicros' | 'deployments'> {
    const { spendMicros } = this;
    this.spendMicros = 0;
    return { callers: this.callers.drain(), spendMicros, deployments: this.deployments.drain() };
  }
}
