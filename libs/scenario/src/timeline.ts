import { durationText, operatorSigns } from '@headroom/core';
import type { Decision, Instant, Millis, RuleReport } from '@headroom/core';
import type { Intervention, LimitIntervention } from './scale-test.ts';
import type { AnyArrival, SimulationStep } from './simulation.ts';

/** One thing that happened, for a person. */
export interface TimelineRow {
  /** Since the start. */
  readonly at: Millis;
  /** In force after it. */
  readonly capacity: number;
  readonly kind: SimulationStep['kind'] | 'action';
  readonly text: string;
}

/** Rows before a moment that are shown, and after it. */
const rowsBefore = 10;
const rowsAfter = 3;

/** Most samples of one instant that are named one by one. */
const samplesNamed = 4;

interface Kept {
  readonly step: SimulationStep;
  readonly capacity: number;
}

/** Keeps the last things that happened; a run is long, and only what lies around a failure is put into words. */
export class Timeline {
  readonly #start: Instant;
  readonly #recent: Kept[] = [];
  #open: { readonly rows: TimelineRow[]; left: number }[] = [];

  constructor(start: Instant) {
    this.#start = start;
  }

  add(step: SimulationStep, capacity: number): void {
    if (isRepetition(this.#recent.at(-1)?.step, step)) return;
    const kept = { step, capacity };
    this.#recent.push(kept);
    if (this.#recent.length > rowsBefore) this.#recent.shift();
    if (this.#open.length === 0) return;
    for (const open of this.#open) {
      open.rows.push(this.#rowOf(kept));
      open.left--;
    }
    this.#open = this.#open.filter(({ left }) => left > 0);
  }

  /** The rows before now; the next ones are added as they come. */
  around(): readonly TimelineRow[] {
    const rows = this.#recent.map((kept) => this.#rowOf(kept));
    this.#open.push({ rows, left: rowsAfter });
    return rows;
  }

  #rowOf({ step, capacity }: Kept): TimelineRow {
    return { at: step.at - this.#start, capacity, kind: kindOf(step), text: textOf(step) };
  }
}

/** Looked at again with nothing new, and found the same. */
function isRepetition(before: SimulationStep | undefined, step: SimulationStep): boolean {
  if (before?.kind !== 'evaluation' || step.kind !== 'evaluation') return false;
  const [one, other] = [before.decision, step.decision];
  if (one.outcome !== 'Hold' || other.outcome !== 'Hold') return false;
  if (one.target !== other.target) return false;
  return one.reason === other.reason && one.profile === other.profile;
}

function kindOf(step: SimulationStep): TimelineRow['kind'] {
  return step.kind === 'evaluation' && step.decision.outcome !== 'Hold' ? 'action' : step.kind;
}

function textOf(step: SimulationStep): string {
  switch (step.kind) {
    case 'arrival':
      return arrivalText(step.arrival);
    case 'operation':
      return step.result.applied
        ? `the operation ended: ${step.result.to} instances`
        : `the operation to ${step.result.to} instances failed`;
    case 'evaluation':
      return findingText(step.decision);
  }
}

function arrivalText({ samples, interventions }: AnyArrival): string {
  const named = samples.slice(0, samplesNamed).map(({ sample: { series, total } }) => {
    const values = series.dimensions.map(([, value]) => value).join(', ');
    return `${series.metric}${values === '' ? '' : `{${values}}`} ${numberText(total)}`;
  });
  if (samples.length > samplesNamed) named.push(`${samples.length - samplesNamed} more samples`);
  return [...named, ...interventions.map(interventionText)].join(', ');
}

function interventionText(intervention: Intervention | LimitIntervention): string {
  switch (intervention.kind) {
    case 'capacity':
      return `set by hand to ${intervention.instances}`;
    case 'switch':
      return `autoscale ${intervention.on ? 'on' : 'off'}`;
    case 'options':
      return 'other options';
    case 'override': {
      const { override } = intervention;
      const what = override.kind === 'pin' ? `pin to ${override.to}` : override.kind;
      return `${what} for ${durationText(override.until - override.at)}`;
    }
  }
}

/** `ScaleOut ScaleOutRule 2 → 4: cpu 80 > 75 fired; cpu 80 < 30 not`; of a limit its key and the answers. */
export function findingText(decision: Decision): string {
  const { outcome, reason, capacity, profile, rules, trail, limit } = decision;
  const move = outcome === 'Hold' ? '' : ` ${capacity.before ?? '?'} → ${capacity.after ?? '?'}`;
  const named = profile === undefined ? '' : ` (${profile})`;
  const told = (limit === undefined ? rules.map(ruleText) : trail.map(({ answer }) => answer)).join(
    '; ',
  );
  const key = limit === undefined ? '' : `${limit.key}: `;
  return `${key}${outcome} ${reason}${move}${named}${told === '' ? '' : `: ${told}`}`;
}

function ruleText(rule: RuleReport): string {
  const { metric, reading, observed, operator, threshold, fired, projected } = rule;
  const condition = `${operatorSigns[operator]} ${numberText(threshold)}`;
  if (reading.kind !== 'value') return `${metric} ${reading.kind} ${condition}`;
  const gaps = reading.completeness === 'complete' ? '' : ` (${reading.completeness})`;
  const expected = projected === undefined ? '' : `, projected ${numberText(projected)}`;
  const value = observed === undefined ? 'no value' : numberText(observed);
  return `${metric} ${value}${gaps} ${condition} ${fired ? 'fired' : 'not'}${expected}`;
}

/** Six significant digits, as short as they can be written. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}
