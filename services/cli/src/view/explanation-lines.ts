import { amountText, durationText, limitOf, operatorSigns, settingTargetOf } from '@headroom/core';
import type {
  ActiveProfile,
  Decision,
  ExplainedOverride,
  ExplainedRule,
  ExplainedSetting,
  Explanation,
  Flapping,
  Guard,
  RuleReport,
  TargetId,
} from '@headroom/core';
import { overrideText } from '../text/override-text.ts';
import { policyLines } from '../text/policy-text.ts';
import { printableIn } from '../text/printable.ts';
import { formatInstant } from '../text/when.ts';
import type { Colors } from './colors.ts';
import { byNobody, whoseText } from './decision-line.ts';
import { flipLines } from './flip-lines.ts';
import { limitLines } from './limit-lines.ts';
import { numberText, percentText } from './number-text.ts';
import { becauseText } from './reason-text.ts';
import { quotaLines } from './quota-lines.ts';
import { section } from './section.ts';
import { unchangedText } from './unchanged-text.ts';

/** Why a decision is what it is, for somebody who was woken by it. */
export function explanationLines(made: Explanation, colors: Colors): readonly string[] {
  const explanation = printableIn(made);
  const { decision, setting, rules, guard, flapping, limit, flips } = explanation;
  return [
    ...headLines(decision, guard, colors),
    ...section('Made with', settingLines(decision, setting), colors),
    ...section('Overrides', overrideLines(decision, setting), colors),
    ...section('Limit', limit === undefined ? [] : limitLines(limit, decision), colors),
    ...section('Quota', quotaOf(decision), colors),
    ...section('Rules', rules.flatMap(ruleLines), colors),
    ...section(
      'After a scale-in',
      flapping === undefined ? [] : flappingLines(flapping, decision),
      colors,
    ),
    ...section('Step by step', decision.trail.map(stepLine), colors),
    ...section('Nearest flip', flips === undefined ? [] : flipLines(flips, explanation), colors),
  ];
}

function headLines(
  decision: Decision,
  guard: Guard | undefined,
  colors: Colors,
): readonly string[] {
  const { outcome, reason, target, at } = decision;
  const words = colors.bold(`${outcome} ${reason}`);
  return [
    [words, whoseText(decision), formatInstant(at)].join('  '),
    `  ${changeLine(decision)} ${becauseText(decision)}`,
    ...(guard?.until === undefined ? [] : [`  ${guardLine(guard)}`]),
    colors.dim(`  ${target}`),
  ];
}

function changeLine(decision: Decision): string {
  const { target, outcome, capacity, mode } = decision;
  const { before, after } = capacity;
  if (outcome === 'Hold') {
    return before === undefined
      ? 'Nothing was done.'
      : `It stays at ${amountText(target, before)}.`;
  }
  const moved = `From ${before ?? '?'} to ${amountText(target, after ?? 0)}`;
  return mode === 'act' ? `${moved}.` : `${moved}; not carried out: ${byNobody(decision)}.`;
}

function guardLine({ until, leftMs = 0 }: Guard): string {
  return until === undefined
    ? ''
    : `That ends at ${formatInstant(until)}, ${durationText(leftMs)} after the decision.`;
}

function settingLines(decision: Decision, setting: ExplainedSetting | undefined) {
  const { position, codeVersion, shadow, mode } = decision;
  const { id, version } = decision.setting;
  const how = shadow === undefined ? `mode ${mode}` : `its shadow ${shadow}`;
  return [
    `setting ${id}, version ${version}, ${how}`,
    ...(hasRules(decision) ? [profileLine(decision, setting?.active)] : []),
    ...(setting === undefined
      ? []
      : policyLines(setting.policy).filter((line) => !line.startsWith('mode'))),
    `log partition ${position.partition}, event ${position.sequence}; code ${codeVersion}`,
    ...unchangedText(decision),
    `decision ${decision.id}`,
  ];
}

/** Limits and quota pools have none, and no profiles. */
function hasRules({ target, quota }: Decision): boolean {
  return limitOf(target) === undefined && quota === undefined;
}

function quotaOf({ quota, setting, target }: Decision): readonly string[] {
  return quota === undefined ? [] : quotaLines(quota, settingTargetOf({ setting, target }));
}

function profileLine({ profile, target }: Decision, active: ActiveProfile | undefined): string {
  if (profile === undefined) return 'no profile';
  if (active === undefined) return `profile ${profile}`;
  const { schedule, capacity } = active.profile;
  const { minimum, maximum, default: fallback } = capacity;
  const kind = schedule === undefined ? 'the default' : scheduleNames[schedule.kind];
  const until = active.until === undefined ? '' : `, at least until ${formatInstant(active.until)}`;
  return `profile ${profile} (${kind}${until}): ${minimum} to ${amountText(target, maximum)}, default ${fallback}`;
}

const scheduleNames = { fixedDate: 'a fixed date', recurrence: 'a weekly recurrence' } as const;

function overrideLines({ target }: Decision, setting: ExplainedSetting | undefined) {
  return (setting?.overrides ?? []).map((one) => overrideLine(one, target));
}

function overrideLine({ override, state }: ExplainedOverride, target: TargetId): string {
  const ahead = `not before ${formatInstant(override.at)}`;
  const when = { inForce: 'in force', ahead, ended: 'ended' }[state];
  return `${overrideText(override, target)} (${when})`;
}

function ruleLines({ report, rule, margin }: ExplainedRule): readonly string[] {
  const { index, direction, fired } = report;
  const sign = `${operatorSigns[report.operator]} ${report.threshold}`;
  const head = `rule ${index} (${direction}): ${report.metric} ${valueText(report)} ${sign}`;
  const finding = fired ? 'fired' : 'not fired';
  const byHow = margin === undefined ? '' : `, ${marginText(report, margin)}`;
  return [`${head}: ${finding}${byHow}${consequenceText(report)}`, `    ${dataText(report, rule)}`];
}

function valueText({ observed, threshold, reading }: RuleReport): string {
  if (observed === undefined) return reading.kind === 'value' ? 'without a value' : reading.kind;
  return numberText(observed, threshold);
}

function marginText(
  { observed = 0, threshold }: RuleReport,
  { by, relative }: NonNullable<ExplainedRule['margin']>,
): string {
  if (observed === threshold) return 'exactly at the threshold';
  const share = relative === undefined ? '' : ` (${percentText(Math.abs(relative))})`;
  return `${numberText(Math.abs(by), 0)} ${by > 0 ? 'above' : 'below'} the threshold${share}`;
}

function consequenceText({ proposed, cooldownLeftMs }: RuleReport): string {
  const asks = proposed === undefined ? '' : `; asks for ${proposed}`;
  const cools = cooldownLeftMs > 0 ? `; cools for ${durationText(cooldownLeftMs)} more` : '';
  return asks + cools;
}

/** `Average over 5 min (frontier 14:07:00Z), 5 samples, 400 ms old, by push`. */
function dataText({ reading }: RuleReport, rule: ExplainedRule['rule']): string {
  const { lengthMs, frontier, dataAgeMs, path } = reading.window;
  const how = rule === undefined ? 'window' : rule.trigger.timeAggregation;
  const ends = frontier === undefined ? 'no data' : `ends ${formatInstant(frontier)}`;
  return [
    `${how} over ${durationText(lengthMs)}`,
    ends,
    ...(reading.kind === 'value' ? [`${reading.samples} samples`] : []),
    ...(reading.kind === 'value' && reading.completeness !== 'complete'
      ? [completenessText[reading.completeness]]
      : []),
    ...(dataAgeMs === undefined ? [] : [`${durationText(dataAgeMs)} old`]),
    ...(path === undefined ? [] : [`by ${path}`]),
    ...(rule?.trigger.dividePerInstance === true ? ['divided per instance'] : []),
  ].join(', ');
}

const completenessText = { partial: 'with gaps', lastGood: 'too old, used as the last good' };

function flappingLines({ count, projections }: Flapping, { target }: Decision): readonly string[] {
  return projections.map((report) => {
    const { index, metric, projected = 0, operator, threshold } = report;
    const value = numberText(projected, threshold);
    const sign = `${operatorSigns[operator]} ${threshold}`;
    return `${amountText(target, count)}: rule ${index} (${metric}) would see ${value}, and scales out at ${sign}`;
  });
}

function stepLine({ step, answer }: Decision['trail'][number]): string {
  return `${step}: ${answer}`;
}
