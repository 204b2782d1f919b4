import { durationText } from '@headroom/core';
import { createLogUpdate } from 'log-update';
import { shortName } from '../text/target-name.ts';
import { terminalColors as colors } from './colors.ts';
import { eventLines } from './event-line.ts';
import type { CallsEvent, LoadEvent, View } from './shown-event.ts';

/** Loads of the last two minutes, one a second, for the small chart. */
const loadsMax = 120;
/** Redraws a second at most: the terminal is for people. */
const redrawMs = 250;
/** Of a terminal that does not say how wide it is. */
const usualColumns = 80;

/**
 * The live view: what happened scrolls by as lines; below them stays a panel with the load, the capacity and a chart. The
 * lines remain in the terminal when the run is over.
 */
export function liveView(stream: NodeJS.WriteStream): View {
  const update = createLogUpdate(stream);
  const loads: LoadEvent[] = [];
  const calls = new Map<string, CallsEvent>();
  const draw = () => {
    if (loads.length > 0) update(panel(loads, calls.values(), stream.columns || usualColumns));
  };
  const timer = setInterval(draw, redrawMs);
  return {
    show(event) {
      if (event.kind === 'load') keep(loads, event);
      else if (event.kind === 'calls') calls.set(event.account, event);
      else update.persist(eventLines(event, colors).join('\n'));
    },
    close() {
      clearInterval(timer);
      update.clear();
      update.done();
    },
  };
}

/** The panel's lines, at most `columns` wide. Newest load last; of each account the newest calls. */
export function panel(
  loads: readonly LoadEvent[],
  calls: Iterable<CallsEvent>,
  columns: number,
): string {
  const last = loads.at(-1);
  if (last === undefined) return '';
  const { instances, busy } = last.capacity;
  const width = Math.max(20, Math.min(columns, 100)) - 12;
  const chart = (values: readonly number[]) => sparkline(values.slice(-width));
  const squares = colors.green('■'.repeat(instances)) + (busy ? colors.yellow(' scaling') : '');
  return [
    '',
    `${colors.bold(shortName(last.target))}   Ctrl-C ends everything`,
    `  instances ${String(instances).padStart(2)} ${squares}`,
    `  requests  ${chart(loads.map((load) => load.requestsPerS))}`,
    `            ${last.requestsPerS.toFixed(1)} requests/s`,
    `  CPU       ${meter(last.cpuPercent)} ${last.cpuPercent.toFixed(0)} %`,
    `  latency   ${durationText(last.latencyMs)}`,
    ...[...calls].map(callsLine),
  ].join('\n');
}

/** `  calls     vision  18/s served  7/s blocked`. */
function callsLine({ account, served, blocked }: CallsEvent, place: number): string {
  const stopped = blocked > 0 ? colors.yellow(`  ${blocked}/s blocked`) : '';
  return `  ${place === 0 ? 'calls     ' : ' '.repeat(10)}${account.padEnd(10)}  ${served}/s served${stopped}`;
}

const levels = '▁▂▃▄▅▆▇█';

/** A chart of one line; the highest value is a full block. */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(...values, 1);
  return values
    .map((value) => levels[Math.min(7, Math.floor((value / highest) * levels.length))] ?? '')
    .join('');
}

const meterWidth = 20;

function meter(percent: number): string {
  const full = Math.round((Math.min(100, percent) / 100) * meterWidth);
  const color = percent > 70 ? colors.red : percent < 30 ? colors.cyan : colors.green;
  return color('█'.repeat(full)) + colors.dim('░'.repeat(meterWidth - full));
}

function keep(loads: LoadEvent[], load: LoadEvent): void {
  loads.push(load);
  if (loads.length > loadsMax) loads.shift();
}
