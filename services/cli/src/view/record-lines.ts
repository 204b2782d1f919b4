import { durationText, never, shadowsOf } from '@headroom/core';
import type {
  AuditRecord,
  Decision,
  Outcome,
  RuleReport,
  ScaleCommand,
  SettingContent,
  SettingRecord,
} from '@headroom/core';
import { overrideText } from '../text/override-text.ts';
import { printableIn } from '../text/printable.ts';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import { withUnit } from '../text/with-unit.ts';
import type { Colors } from './colors.ts';
import { byNobody, changeText, movedText, ruleText, whoseText } from './decision-line.ts';
import { unchangedText } from './unchanged-text.ts';

/** A record of the audit log for a person: one line that says it, and below it the reasons. */
export function recordLines(kept: AuditRecord, colors: Colors): readonly string[] {
  const record = printableIn(kept);
  switch (record.kind) {
    case 'decision':
      return decisionLines(record.decision, record.command, colors);
    case 'outcome':
      return outcomeLines(record.outcome, colors);
    case 'setting':
      return settingLines(record.setting, colors);
    case 'external':
      return externalLines(record.command, colors);
    case 'divergence': {
      const { at, target, recordId, second } = record.divergence;
      const head = [formatInstant(at), colors.red('Divergence'), shortName(target)].join('  ');
      return [head, `    record ${recordId} came a second time with another content: ${second}`];
    }
    default:
      return never(record);
  }
}

function decisionLines(
  decision: Decision,
  command: ScaleCommand | undefined,
  colors: Colors,
): readonly string[] {
  const { setting, position, profile } = decision;
  const words = `${decision.outcome} ${decision.reason}`;
  const loud = decision.outcome === 'Hold' ? words : colors.bold(words);
  const where = `log partition ${position.partition}, event ${position.sequence}`;
  const same = unchangedText(decision)
    .map((text) => `, ${text}`)
    .join('');
  return [
    [formatInstant(decision.at), loud, whoseText(decision), changeText(decision)].join('  '),
    ...decision.rules.map((rule) => `    ${ruleLine(rule, colors)}`),
    ...decision.trail.map(({ step, answer }) => `    ${step}: ${answer}`),
    colors.dim(
      `    setting ${setting.id} version ${setting.version}${profile === undefined ? '' : `, profile ${profile}`}, ${where}${same}`,
    ),
    colors.dim(`    decision ${decision.id}${commandText(decision, command)}`),
  ];
}

function commandText(decision: Decision, command: ScaleCommand | undefined): string {
  if (command !== undefined) return `, to be started by ${formatInstant(command.startBy)}`;
  return decision.outcome === 'Hold' ? '' : `, not carried out: ${byNobody(decision)}`;
}

/** `rule 0 (out): CpuUtilizationPercentage 84.2 > 70 over 1 min, fired, asks for 4 (24 samples, 400 ms old, push)`. */
function ruleLine(rule: RuleReport, colors: Colors): string {
  const verdict = rule.fired ? colors.bold('fired') : 'not fired';
  const asks = rule.proposed === undefined ? '' : `, asks for ${rule.proposed}`;
  const cooling =
    rule.cooldownLeftMs > 0 ? `, cooling for ${durationText(rule.cooldownLeftMs)} more` : '';
  const projected =
    rule.projected === undefined ? '' : `, would be ${rule.projected.toFixed(1)} afterwards`;
  const text = `rule ${rule.index} (${rule.direction}): ${ruleText(rule)}`;
  return `${text}, ${verdict}${asks}${cooling}${projected}${dataText(rule)}`;
}

function dataText({ reading }: RuleReport): string {
  const { dataAgeMs, path } = reading.window;
  const parts = [
    ...(reading.kind === 'value' ? [`${reading.samples} samples`] : []),
    ...(dataAgeMs === undefined ? [] : [`${durationText(dataAgeMs)} old`]),
    ...(path === undefined ? [] : [path]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function outcomeLines(outcome: Outcome, colors: Colors): readonly string[] {
  const color = outcome.kind === 'Applied' ? colors.green : colors.red;
  const capacity = withUnit(outcome.target, String(outcome.capacity ?? '?'));
  const head = [formatInstant(outcome.at), color(outcome.kind), shortName(outcome.target)];
  return [
    [...head, `asked for ${outcome.to}, has ${capacity}`].join('  '),
    `    ${outcome.detail}`,
    colors.dim(`    outcome of ${outcome.commandId}`),
  ];
}

function externalLines(command: ScaleCommand, colors: Colors): readonly string[] {
  const sender = command.source.kind === 'external' ? command.source.sender : 'the log';
  const { target, expectedCapacity, to } = command;
  const change = movedText(target, expectedCapacity, to);
  return [
    [formatInstant(command.decidedAt), 'External', shortName(target), change].join('  '),
    colors.dim(`    command ${command.id} of ${sender}`),
  ];
}

/** `… Setting  chat/blue  version 3: 2 profiles, 4 rules, mode act`. */
function settingLines({ id, at, target, version }: SettingRecord, colors: Colors) {
  const head = [formatInstant(at), colors.yellow('Setting'), shortName(target)].join('  ');
  const overrides = 'overrides' in version.content ? version.content.overrides : [];
  return [
    `${head}  version ${version.version}: ${contentText(version.content)}`,
    ...overrides.map((override) => `    ${overrideText(override, target)}`),
    colors.dim(`    setting ${version.id}, record ${id}`),
  ];
}

function contentText(content: SettingContent): string {
  switch (content.kind) {
    case 'setting': {
      const { profiles } = content.setting;
      const rules = profiles.reduce((sum, profile) => sum + profile.rules.length, 0);
      const names = shadowsOf(content).map(({ name }) => name);
      const beside = names.length === 0 ? '' : `, shadows ${names.join(', ')}`;
      return `profiles ${profiles.length}, rules ${rules}, mode ${content.policy.mode}${beside}`;
    }
    case 'rateLimit': {
      const { account, policy } = content;
      return `limits ${account.rules.length}, autoscale ${account.dynamicThrottlingEnabled ? 'on' : 'off'}, mode ${policy.mode}`;
    }
    case 'quotaPool':
      return `deployments ${content.pool.deployments.length}, mode ${content.policy.mode}`;
    case 'tombstone':
      return 'deleted';
    case 'moved':
      return `decided on with the group ${content.group} from now on`;
    case 'unreadable':
      return `cannot be read: ${content.problems.join('; ')}`;
  }
}
