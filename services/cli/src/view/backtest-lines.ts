import { durationText, minuteMs } from '@headroom/core';
import type { Instant, Millis, TargetId } from '@headroom/core';
import type { BacktestFigures, BacktestRun } from '@headroom/scenario';
import { costText } from '../backtest/price.ts';
import type { Price } from '../backtest/price.ts';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import { aligned } from './aligned.ts';
import type { Colors } from './colors.ts';
import { percentText } from './number-text.ts';
import { section } from './section.ts';

/** Settings over one history, side by side. */
export interface ShownBacktest {
  readonly target: TargetId;
  /** Where the history comes from. */
  readonly against: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly recorded?: RecordedFigures;
  /** The setting on record first. */
  readonly runs: readonly ShownRun[];
  readonly price?: Price;
  /** What a person should know beside the figures. */
  readonly notes: readonly string[];
}

export interface ShownRun {
  readonly name: string;
  readonly run: BacktestRun;
}

export interface RecordedFigures {
  readonly instanceHours: number;
  /** Absent where the history tells of none. */
  readonly actions?: { readonly scaleOuts: number; readonly scaleIns: number };
}

export function backtestLines(shown: ShownBacktest, colors: Colors): readonly string[] {
  const { runs, notes } = shown;
  const [first] = runs;
  return [
    headLine(shown, colors),
    '',
    ...tableLines(shown, colors),
    ...section('How the load follows the instances', modelLines(runs), colors),
    ...section('Assumed', first?.run.assumptions ?? [], colors),
    ...section('Notes', notes, colors),
  ];
}

/** `chat/blue, 30 d of samples.csv: 2026-10-22 00:00:00Z to …`. */
export function headLine(
  { target, against, from, to }: Omit<ShownBacktest, 'runs' | 'notes'>,
  colors: Colors,
): string {
  const span = `${formatInstant(from)} to ${formatInstant(to)}`;
  return `${colors.bold(shortName(target))}, ${durationText(to - from)} of ${against}: ${span}`;
}

function tableLines(shown: ShownBacktest, colors: Colors): readonly string[] {
  const { recorded, runs } = shown;
  const names = runs.map(({ name }) => name);
  const titles = recorded === undefined ? names : ['on record', ...names];
  const rows = rowsOf(shown).map(({ name, onRecord, text }) => [
    name,
    ...(recorded === undefined ? [] : [onRecord ?? '']),
    ...runs.map(({ run }, place) =>
      text(run.figures, place === 0 ? undefined : runs[0]?.run.figures),
    ),
  ]);
  const [head = '', ...lines] = aligned([['', ...titles], ...rows]);
  return [colors.bold(head), ...lines];
}

interface TableRow {
  readonly name: string;
  readonly onRecord?: string;
  /** `beside`: the figures of the setting on record, for any other. */
  readonly text: (figures: BacktestFigures, beside: BacktestFigures | undefined) => string;
}

function rowsOf({ recorded, price, runs }: ShownBacktest): readonly TableRow[] {
  const hours = recorded?.instanceHours;
  const actions = recorded?.actions;
  const isCompared = runs.length > 1;
  return [
    {
      name: 'instance-hours',
      ...(hours === undefined ? {} : { onRecord: hoursText(hours) }),
      text: ({ instanceHours }, beside) =>
        `${hoursText(instanceHours)}${changeText(instanceHours, beside?.instanceHours)}`,
    },
    ...(price === undefined ? [] : [costRow(price, hours)]),
    {
      name: `over a scale-out threshold${isCompared ? ' *' : ''}`,
      text: (one) => minutesText(one.overThresholdMs),
    },
    {
      name: `under the scale-in thresholds${isCompared ? ' *' : ''}`,
      text: (one) => minutesText(one.underThresholdMs),
    },
    {
      name: 'scale-outs, scale-ins',
      ...(actions === undefined ? {} : { onRecord: `${actions.scaleOuts}, ${actions.scaleIns}` }),
      text: ({ scaleOuts, scaleIns }) => `${scaleOuts}, ${scaleIns}`,
    },
    { name: 'flaps', text: ({ flaps }) => String(flaps) },
    { name: 'at the maximum', text: (one) => minutesText(one.atMaximumMs) },
  ];
}

function costRow(price: Price, recorded: number | undefined): TableRow {
  return {
    name: 'cost',
    ...(recorded === undefined ? {} : { onRecord: costText(recorded, price) }),
    text: ({ instanceHours }) => costText(instanceHours, price),
  };
}

/** ` (−20.6 %)` */
function changeText(value: number, beside: number | undefined): string {
  if (beside === undefined || beside === 0) return '';
  const change = value / beside - 1;
  const sign = change < 0 ? '−' : '+';
  return ` (${sign}${percentText(Math.abs(change))})`;
}

/** Finer where there are few. */
export function hoursText(instanceHours: number): string {
  return instanceHours.toFixed(instanceHours < 10 ? 2 : 1);
}

export function minutesText(ms: Millis): string {
  const minutes = Math.round(ms / minuteMs);
  return `${minutes.toLocaleString('en-US')} min`;
}

/** A metric a line; what was seen of it in one run only stands below, with the run's name. */
function modelLines(runs: readonly ShownRun[]): readonly string[] {
  const uses = runs.flatMap(({ name, run }) =>
    run.models.map(({ metric, model, text }) => ({ name, metric, model, parts: text.split('; ') })),
  );
  return [...Map.groupBy(uses, ({ metric }) => metric)].flatMap(([metric, all]) => {
    const shared = all[0]?.parts.filter((part) => all.every(({ parts }) => parts.includes(part)));
    const own = all.flatMap(({ name, parts }) => {
      const rest = parts.filter((part) => shared?.includes(part) === false);
      return rest.length === 0 ? [] : [`  ${name}: ${rest.join('; ')}`];
    });
    return [`${metric}: ${all[0]?.model}; ${shared?.join('; ')}`, ...own];
  });
}
