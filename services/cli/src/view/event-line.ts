import type { Colors } from './colors.ts';
import { durationText, never } from '@headroom/core';
import { printableIn } from '../text/printable.ts';
import { shortName } from '../text/target-name.ts';
import { formatClock } from '../text/when.ts';
import { decisionLine, outcomeLine } from './decision-line.ts';
import type { CallsEvent, LoadEvent, RunSummary, ServiceEvent, ShownEvent } from './shown-event.ts';

/** One event in lines for a person. A decision, an outcome and a load take one line each. */
export function eventLines(event: ShownEvent, colors: Colors): readonly string[] {
  switch (event.kind) {
    case 'step':
      return [colors.dim(event.text)];
    case 'warning':
      return [`${colors.yellow('warning')}  ${event.text}`];
    case 'service':
      return [serviceLine(event, colors)];
    case 'load':
      return [loadLine(event, colors)];
    case 'calls':
      return [callsLine(event, colors)];
    case 'decision':
      return [decisionLine(printableIn(event.decision), colors)];
    case 'outcome':
      return [outcomeLine(printableIn(event), colors)];
    case 'summary':
      return summaryLines(event.summary, colors);
    default:
      return never(event);
  }
}

/** `14:07:20  load  chat/blue  16.2 requests/s  4 instances  CPU 43 %  latency 205 ms`. */
export function loadLine(load: LoadEvent, colors: Colors): string {
  const { instances, busy } = load.capacity;
  return [
    formatClock(load.at),
    colors.dim('load'),
    shortName(load.target),
    `${load.requestsPerS.toFixed(1)} requests/s`,
    `${instances} instances${busy ? ' (scaling)' : ''}`,
    `CPU ${load.cpuPercent.toFixed(0)} %`,
    `latency ${durationText(load.latencyMs)}`,
  ].join('  ');
}

/** `14:07:20  calls  vision  18.2/s served  7/s blocked`. */
function callsLine({ at, account, served, blocked, failed }: CallsEvent, colors: Colors): string {
  return [
    formatClock(at),
    colors.dim('calls'),
    account,
    `${served}/s served`,
    ...(blocked > 0 ? [colors.yellow(`${blocked}/s blocked`)] : []),
    ...(failed > 0 ? [colors.red(`${failed}/s failed`)] : []),
  ].join('  ');
}

function serviceLine({ name, state, text }: ServiceEvent, colors: Colors): string {
  const good = state === 'ready' || state === 'recovered';
  return `${good ? colors.green(state) : colors.yellow(state)}  ${name}  ${text}`;
}

function summaryLines(summary: RunSummary, colors: Colors): readonly string[] {
  const ok = summary.problems.length === 0;
  const verdict =
    'each action has one decision record and one outcome, and what was applied is there';
  return [
    '',
    colors.bold(`Summary of ${durationText(summary.lastedMs)}`),
    `  decisions   ${countsText(summary.decisions)}`,
    `  outcomes    ${countsText(summary.outcomes)}`,
    `  applied     ${summary.applied.join(', ') || 'nothing'}`,
    `  in the end  ${summary.capacities.join(', ') || 'not known'}`,
    `  latency     ${latencyText(summary)}`,
    ...(summary.kills > 0 ? [`  killed      ${summary.kills} processes`] : []),
    ok ? `  ${colors.green('invariants')}  hold: ${verdict}` : `  ${colors.red('PROBLEMS')}`,
    ...summary.problems.map((problem) => `    - ${problem}`),
  ];
}

function latencyText({ metricToDecisionP50Ms, metricToAppliedP50Ms }: RunSummary): string {
  if (metricToAppliedP50Ms === undefined || metricToDecisionP50Ms === undefined) return 'no action';
  const decided = durationText(metricToDecisionP50Ms);
  return `metric to applied p50 ${durationText(metricToAppliedP50Ms)}, to decided p50 ${decided}`;
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
