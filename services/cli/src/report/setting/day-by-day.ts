import { hourMs } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { Assessment, CapacityChangeAt } from '@headroom/scenario';
import type { Charted } from '../charts/charted.ts';
import type { RuledMetric } from '../charts/metric-lines.ts';
import { stepsWithin } from '../charts/point.ts';
import type { Point } from '../charts/point.ts';
import type { Markup } from '../markup.ts';
import { details, table } from '../table.ts';
import type { Column } from '../table.ts';
import { dayText, spanText, valueText } from '../words.ts';

const dayMs = 24 * hourMs;

/** What the charts show, as a table: for who does not see them, and to copy from. */
export function dayByDay({ assessment, metrics }: Charted): Markup {
  const { history } = assessment;
  const first = Math.floor(history.from / dayMs);
  const last = Math.ceil(history.to / dayMs);
  const days = Array.from({ length: last - first }, (_, index) => first + index);
  const columns = [
    { heading: 'Day', cell: (day: number) => dayText(startOf(day)) },
    ...countColumns(assessment),
    ...metrics.map(metricColumn),
    ...actionColumns(assessment),
  ];
  return details(
    'Day by day',
    table('From the least to the most of each day of UTC.', columns, days),
  );
}

function startOf(day: number): Instant {
  return (day * dayMs) as Instant;
}

function countColumns({ history, backtest }: Assessment): readonly Column<number>[] {
  const run = backtest.kind === 'run' ? backtest.run.capacities : [];
  return [
    { heading: 'Azure', cell: (day) => countsOn(history.capacities, day), isNumber: true },
    { heading: 'Headroom', cell: (day) => countsOn(run, day), isNumber: true },
  ];
}

function countsOn(capacities: readonly CapacityChangeAt[], day: number): string {
  const steps = capacities.map(({ at, instances }) => ({ at, value: instances }));
  return rangeText(stepsWithin(steps, startOf(day), startOf(day + 1)));
}

function metricColumn({ name, lines }: RuledMetric): Column<number> {
  const byDay = Map.groupBy(lines[0]?.points ?? [], ({ at }) => Math.floor((at - 1) / dayMs));
  return { heading: name, cell: (day) => rangeText(byDay.get(day) ?? []), isNumber: true };
}

function actionColumns({ actions, holds }: Assessment): readonly Column<number>[] {
  const byDay = Map.groupBy(actions, ({ at }) => Math.floor(at / dayMs));
  const count = (day: number) => byDay.get(day) ?? [];
  const open = (day: number) => count(day).filter(({ finding }) => finding.kind === 'unexplained');
  const held = (day: number) => {
    const spans = holds.map(({ from, to }) => {
      return Math.max(0, Math.min(to, startOf(day + 1)) - Math.max(from, startOf(day)));
    });
    return spans.reduce((sum, span) => sum + span, 0);
  };
  return [
    { heading: 'Actions', cell: (day) => count(day).length, isNumber: true },
    { heading: 'Unexplained', cell: (day) => open(day).length, isNumber: true },
    { heading: 'Held', cell: (day) => spanText(held(day)), isNumber: true },
  ];
}

function rangeText(points: readonly Point[]): string {
  let [least, most] = [Infinity, -Infinity];
  for (const { value } of points) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (points.length === 0) return '–';
  return least === most ? valueText(least) : `${valueText(least)} – ${valueText(most)}`;
}
