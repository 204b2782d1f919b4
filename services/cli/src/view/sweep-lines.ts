import { spanText } from '@headroom/scenario';
import type { BacktestFigures, LoadModelUse, SweepAxis, SweepValue } from '@headroom/scenario';
import { costText } from '../backtest/price.ts';
import type { SweptPoint } from '../backtest/run-sweep.ts';
import { aligned } from './aligned.ts';
import { headLine, hoursText, minutesText } from './backtest-lines.ts';
import type { ShownBacktest } from './backtest-lines.ts';
import type { Colors } from './colors.ts';
import { section } from './section.ts';

export interface ShownSweep extends Omit<ShownBacktest, 'runs' | 'notes' | 'recorded'> {
  readonly axes: readonly SweepAxis[];
  /** Of the setting on record. */
  readonly current: BacktestFigures;
  readonly points: readonly SweptPoint[];
  readonly front: ReadonlySet<SweptPoint>;
  readonly models: readonly LoadModelUse[];
  readonly assumptions: readonly string[];
}

/** Those of the front by instance-hours, and where the current setting stands among them. */
export function sweepLines(shown: ShownSweep, colors: Colors): readonly string[] {
  const { axes, points, front, current, price } = shown;
  const costs = price === undefined ? [] : ['cost'];
  const figures = ['instance-hours', ...costs, 'over', 'under', 'actions', 'flaps', 'at max'];
  const rows = [
    ...[...front].map(({ values, figures: own }) => ({
      hours: own.instanceHours,
      cells: [
        ...values.map((value, place) => valueText(axes[place], value)),
        ...cellsOf(own, shown),
      ],
      isCurrent: false,
    })),
    {
      hours: current.instanceHours,
      cells: ['current', ...axes.slice(1).map(() => ''), ...cellsOf(current, shown)],
      isCurrent: true,
    },
  ].sort((a, b) => a.hours - b.hours);
  const [head = '', ...lines] = aligned([
    [...axes.map(axisText), ...figures],
    ...rows.map(({ cells }) => cells),
  ]);
  return [
    headLine(shown, colors),
    `Of ${points.length} settings that were run no other one betters ${front.size === 1 ? 'this one' : `these ${front.size}`} in both, instance-hours and minutes over a threshold:`,
    '',
    colors.bold(head),
    ...lines.map((line, place) => (rows[place]?.isCurrent === true ? colors.cyan(line) : line)),
    '',
    'over, under: time over a threshold of scale-out, and under all of scale-in, by those of the current setting',
    ...section(
      'How the load follows the instances',
      shown.models.map(({ metric, model, text }) => `${metric}: ${model}; ${text}`),
      colors,
    ),
    ...section('Assumed', shown.assumptions, colors),
  ];
}

/** All of them; those of the front say so. */
export function sweepDocument({ points, front, axes, ...rest }: ShownSweep): object {
  const shown = points.map((point) => ({
    values: Object.fromEntries(
      point.values.map((value, place) => [axisText(axes[place]), valueText(axes[place], value)]),
    ),
    figures: point.figures,
    isBetteredByNone: front.has(point),
  }));
  return { ...rest, points: shown };
}

function cellsOf(figures: BacktestFigures, { price }: ShownSweep): readonly string[] {
  const { instanceHours, scaleOuts, scaleIns, flaps } = figures;
  return [
    hoursText(instanceHours),
    ...(price === undefined ? [] : [costText(instanceHours, price)]),
    minutesText(figures.overThresholdMs),
    minutesText(figures.underThresholdMs),
    String(scaleOuts + scaleIns),
    String(flaps),
    minutesText(figures.atMaximumMs),
  ];
}

/** As it is written on the command line. */
function axisText(axis: SweepAxis | undefined): string {
  if (axis === undefined) return '';
  return axis.rules === undefined ? axis.key : `${axis.key}.${axis.rules}`;
}

function valueText(axis: SweepAxis | undefined, value: SweepValue): string {
  if (value.kind === 'times') return `x${value.factor}`;
  return axis?.key === 'threshold' ? String(value.value) : spanText(value.value);
}
