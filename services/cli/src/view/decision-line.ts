import { amountText, durationText, operatorSigns } from '@headroom/core';
import type { Colors } from './colors.ts';
import type { Decision, Outcome, RuleReport, TargetId } from '@headroom/core';
import { shortName } from '../text/target-name.ts';
import { withUnit } from '../text/with-unit.ts';
import { formatClock } from '../text/when.ts';
import type { ActionLatency, OutcomeEvent } from './shown-event.ts';

/** `14:07:09  ScaleOut ScaleOutRule  chat/blue  2 → 4  CpuUtilizationPercentage 84.2 > 70 over 1 min`. Times are UTC. */
export function decisionLine(decision: Decision, colors: Colors): string {
  const words = `${decision.outcome} ${decision.reason}`;
  return [
    formatClock(decision.at),
    outcomeColor(decision, colors)(words),
    whoseText(decision),
    colors.bold(changeText(decision)),
    ...[reasonText(decision)].filter((why) => why !== ''),
  ].join('  ');
}

/** `14:07:18  Applied  chat/blue  4 instances  ScaleOut 2 → 4 in 9.1 s from metric to applied (decided after 310 ms)`. */
export function outcomeLine(event: OutcomeEvent, colors: Colors): string {
  const { outcome, decision, latency } = event;
  const color = outcome.kind === 'Applied' ? colors.green : colors.red;
  const action = decision === undefined ? `to ${outcome.to}` : actionText(decision);
  return [
    formatClock(outcome.at),
    color(outcome.kind),
    shortName(outcome.target),
    colors.bold(capacityText(outcome)),
    latency === undefined ? action : `${action} in ${latencyText(latency)}`,
    ...(outcome.kind === 'Applied' ? [] : [outcome.detail]),
  ].join('  ');
}

/** `chat/blue`, `chat/blue shadow lower`. */
export function whoseText({ target, shadow }: Decision): string {
  return shadow === undefined ? shortName(target) : `${shortName(target)} shadow ${shadow}`;
}

/** Why an action is not carried out. */
export function byNobody({ mode, shadow }: Decision): string {
  return shadow === undefined ? `mode ${mode}` : 'a shadow only decides';
}

/** `2 → 4`, or the unchanged count of a hold; with its unit where that is no instances. */
export function changeText({ target, capacity, outcome }: Decision): string {
  const { before = '?', after = '?' } = capacity;
  return outcome === 'Hold' ? withUnit(target, String(before)) : movedText(target, before, after);
}

export function movedText(target: TargetId, from: number | string, to: number | string): string {
  return withUnit(target, `${from} → ${to}`);
}

/**
 * Why, in words: the rules that fired for an action, else the answer that the questions ended with; of a limit, which has no
 * rules, every answer.
 */
export function reasonText(decision: Decision): string {
  if (decision.limit !== undefined) return decision.trail.map(({ answer }) => answer).join('; ');
  const fired = winningRules(decision).map(ruleText);
  if (fired.length > 0) return fired.join(', ');
  return decision.trail.at(-1)?.answer ?? '';
}

/** `CpuUtilizationPercentage 84.2 > 70 over 1 min`. */
export function ruleText(rule: RuleReport): string {
  const { reading } = rule;
  const value = reading.kind === 'value' ? valueText(rule.observed ?? reading.value) : reading.kind;
  const partial = reading.kind === 'value' ? partialTexts[reading.completeness] : '';
  const comparison = `${operatorSigns[rule.operator]} ${rule.threshold}`;
  const window = durationText(reading.window.lengthMs);
  return `${rule.metric} ${value}${partial} ${comparison} over ${window}`;
}

const partialTexts = { complete: '', partial: ' (partial)', lastGood: ' (last good one)' } as const;

/** The rules that an action stands on. */
export function winningRules(decision: Decision): readonly RuleReport[] {
  if (decision.outcome === 'Hold') return [];
  const direction = decision.outcome === 'ScaleOut' ? 'out' : 'in';
  return decision.rules.filter((rule) => rule.fired && rule.direction === direction);
}

function actionText(decision: Decision): string {
  return `${decision.outcome} ${changeText(decision)}`;
}

function capacityText({ target, capacity }: Outcome): string {
  return capacity === undefined ? 'capacity not read' : amountText(target, capacity);
}

function latencyText({ toDecisionMs, toOutcomeMs }: ActionLatency): string {
  const decided = durationText(toDecisionMs);
  return `${durationText(toOutcomeMs)} from metric to applied (decided after ${decided})`;
}

function outcomeColor({ outcome }: Decision, colors: Colors): (text: string) => string {
  switch (outcome) {
    case 'ScaleOut':
      return colors.magenta;
    case 'ScaleIn':
      return colors.cyan;
    case 'Hold':
      return colors.dim;
  }
}

function valueText(value: number): string {
  return String(Math.round(value * 10) / 10);
}
