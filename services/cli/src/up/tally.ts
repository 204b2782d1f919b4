import type { AuditRecord, Decision, Millis, Outcome, Reason, TargetId } from '@headroom/core';
import { shortName } from '../text/target-name.ts';
import { changeText, winningRules } from '../view/decision-line.ts';
import type { ActionLatency, RunSummary, ShownEvent } from '../view/shown-event.ts';

/** Latencies that the medians are made of at most; the newest stay. */
const latenciesMax = 10_000;
/** Applied actions that the summary names at most; the newest stay. */
const appliedMax = 100;

/** Makes events of the records of a run, and counts them for its summary. */
export class Tally {
  readonly #decisions = new Map<string, number>();
  readonly #outcomes = new Map<string, number>();
  /** Actions whose outcome is awaited. */
  readonly #open = new Map<string, Decision>();
  readonly #latencies: ActionLatency[] = [];
  readonly #applied: string[] = [];
  readonly #appliedKinds = new Map<string, Set<Decision['outcome']>>();

  /** What to show of a record that was found. */
  take(record: AuditRecord): ShownEvent | undefined {
    switch (record.kind) {
      case 'decision':
        // What a shadow would do is none of what happens.
        if (record.decision.shadow !== undefined) return undefined;
        return this.#decision(record.decision, record);
      case 'outcome':
        return this.#outcome(record.outcome, record);
      case 'divergence':
        return {
          kind: 'warning',
          text: `a second content came under the id ${record.divergence.recordId}`,
        };
      case 'setting': {
        const { target, version } = record.setting;
        const text = `${shortName(target)}: setting version ${version.version} took force in the log`;
        return { kind: 'step', text };
      }
      case 'external':
        return undefined;
    }
  }

  /** Whether actions of both directions were carried out on the target. */
  wentBothWays(target: TargetId): boolean {
    return this.#appliedKinds.get(target)?.size === 2;
  }

  /** Whether the target's capacity was raised. */
  wentUp(target: TargetId): boolean {
    return this.#appliedKinds.get(target)?.has('ScaleOut') === true;
  }

  /** Whether anything was decided for the reason. */
  found(reason: Reason): boolean {
    return [...this.#decisions.keys()].some((words) => words.endsWith(` ${reason}`));
  }

  summary(end: Pick<RunSummary, 'lastedMs' | 'kills' | 'problems' | 'capacities'>): RunSummary {
    const decided = median(this.#latencies.map((latency) => latency.toDecisionMs));
    const applied = median(this.#latencies.map((latency) => latency.toOutcomeMs));
    return {
      ...end,
      decisions: Object.fromEntries(this.#decisions),
      outcomes: Object.fromEntries(this.#outcomes),
      applied: this.#applied,
      ...(decided === undefined ? {} : { metricToDecisionP50Ms: decided }),
      ...(applied === undefined ? {} : { metricToAppliedP50Ms: applied }),
    };
  }

  #decision(decision: Decision, record: AuditRecord): ShownEvent {
    count(this.#decisions, `${decision.outcome} ${decision.reason}`);
    if (decision.outcome !== 'Hold') this.#open.set(decision.id, decision);
    return { kind: 'decision', decision, record };
  }

  #outcome(outcome: Outcome, record: AuditRecord): ShownEvent {
    count(this.#outcomes, outcome.kind);
    const decision = this.#open.get(outcome.commandId);
    this.#open.delete(outcome.commandId);
    if (decision === undefined) return { kind: 'outcome', outcome, record };
    const latency = latencyOf(decision, outcome);
    if (outcome.kind === 'Applied') this.#applies(decision, latency);
    const shown = { kind: 'outcome', outcome, record, decision } as const;
    return latency === undefined ? shown : { ...shown, latency };
  }

  #applies(decision: Decision, latency: ActionLatency | undefined): void {
    const { target, outcome } = decision;
    this.#appliedKinds.set(target, (this.#appliedKinds.get(target) ?? new Set()).add(outcome));
    this.#applied.push(`${shortName(decision.target)} ${changeText(decision)}`);
    if (this.#applied.length > appliedMax) this.#applied.shift();
    if (latency !== undefined) this.#latencies.push(latency);
    if (this.#latencies.length > latenciesMax) this.#latencies.shift();
  }
}

/** From the end of the newest sample of the rules that fired; absent where no rule did. */
export function latencyOf(decision: Decision, outcome: Outcome): ActionLatency | undefined {
  const frontiers = winningRules(decision).flatMap(({ reading }) => reading.window.frontier ?? []);
  if (frontiers.length === 0) return undefined;
  const metricAt = Math.max(...frontiers);
  return { toDecisionMs: decision.at - metricAt, toOutcomeMs: outcome.at - metricAt };
}

export function median(values: readonly Millis[]): Millis | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
