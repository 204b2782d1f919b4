import type { Instant, Millis, TargetId } from '@headroom/core';
import { backendCallsPerS, callsOf, demoAccounts } from '@headroom/demo';
import type { AnsweredCalls, DemoCall, ModelRequest, Traffic } from '@headroom/demo';
import type { Clock, ScaleTarget } from '@headroom/ports';
import type { ShownEvent } from '../view/shown-event.ts';
import type { AiServices } from './ai-services.ts';

export interface AiCallsParts {
  readonly services: Pick<AiServices, 'address' | 'keys' | 'capacity'>;
  readonly traffic: Traffic;
  /** Takes the place of the calls of models. */
  readonly trace?: readonly ModelRequest[];
  /** The model deployments by their names. */
  readonly deployments: ReadonlyMap<string, TargetId>;
  readonly arm: Pick<ScaleTarget, 'read'>;
  readonly clock: Clock;
  readonly show: (event: ShownEvent) => void;
}

/** Calls of a second come in so many parts of it: clients know nothing of each other. */
const partsPerSecond = 20;
const partMs: Millis = 1000 / partsPerSecond;
/** A call that has no answer by then failed. */
const answerWithinMs: Millis = 5000;
/** Calls that wait for their answers; beyond that none are made, as of a client with so many connections. */
const openMax = 200;
const tokensPerUnit = 1000;

/**
 * Plays the clients of the AI services: follows the traffic, and shows each second what became of the calls that ended in it.
 * Resolves when `signal` aborts and every call has ended.
 */
export class AiCalls {
  readonly #parts: AiCallsParts;
  readonly #startedAt: Instant;
  readonly #open = new Set<Promise<void>>();
  readonly #answered = new Map<string, AnsweredCalls>();

  constructor(parts: AiCallsParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
    for (const { name } of demoAccounts) this.#answered.set(name, { ...nothing });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, traffic, trace } = this.#parts;
    while (!signal.aborted) {
      void this.#readCapacities();
      const elapsedMs = Math.max(0, clock.now() - this.#startedAt);
      this.#parts.services.capacity.visionCallsPerS = backendCallsPerS(elapsedMs);
      await this.#spread(callsOf(elapsedMs, traffic, trace), signal);
      this.#show(clock.now());
    }
    await Promise.all(this.#open);
  }

  /** Begins the calls in the course of a second. */
  async #spread(calls: readonly DemoCall[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    for (let part = 0; part < partsPerSecond && !signal.aborted; part++) {
      const upTo = (count: number) => Math.floor((calls.length * count) / partsPerSecond);
      for (const call of calls.slice(upTo(part), upTo(part + 1))) this.#begin(call);
      await clock.wait(partMs - (clock.now() % partMs), signal);
    }
  }

  /** The backend keeps what ARM says. */
  async #readCapacities(): Promise<void> {
    const { arm, deployments, services } = this.#parts;
    for (const [name, target] of deployments) {
      try {
        const reading = await arm.read(target);
        if (reading.kind !== 'capacity') continue;
        services.capacity.tokensPerMinute.set(name, reading.instances * tokensPerUnit);
      } catch {
        // ARM is away for a moment: the backend goes on.
      }
    }
  }

  #begin(call: DemoCall): void {
    if (this.#open.size >= openMax) return;
    const sent = this.#send(call).finally(() => this.#open.delete(sent));
    this.#open.add(sent);
  }

  async #send({ account, caller, path, body }: DemoCall): Promise<void> {
    const { address, keys } = this.#parts.services;
    const answered = this.#answered.get(account) ?? { ...nothing };
    try {
      const response = await fetch(`${address}/${account}/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'api-key': keys.get(caller) ?? '' },
        body,
        signal: AbortSignal.timeout(answerWithinMs),
      });
      await response.arrayBuffer();
      if (response.ok) answered.served++;
      else if (response.status === 429) answered.blocked++;
      else answered.failed++;
    } catch {
      answered.failed++;
    }
  }

  #show(at: Instant): void {
    for (const [account, { served, blocked, failed }] of this.#answered) {
      this.#parts.show({ kind: 'calls', at, account, served, blocked, failed });
      Object.assign(this.#answered.get(account) ?? {}, nothing);
    }
  }
}

const nothing: AnsweredCalls = { served: 0, blocked: 0, failed: 0 };
