import { unitOf } from '@headroom/core';
import type { Assessment, CapacityChangeAt } from '@headroom/scenario';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { countText, numberText } from '../words.ts';
import { markKey, markKinds, markLanes, markNames } from './action-marks.ts';
import type { MarkKind } from './action-marks.ts';
import { areaKey, drawn, lineKey } from './drawing.ts';
import type { Charted } from './charted.ts';
import { countAxis } from './frame.ts';
import type { Frame } from './frame.ts';
import { boundsBand, stepPath } from './paths.ts';
import { stepsWithin } from './point.ts';
import type { Point } from './point.ts';
import { spansWithin } from './profile-spans.ts';
import type { ProfileSpan } from './profile-spans.ts';

/** How many instances there were, would have been and might be; when Azure acted. */
export function capacityChart({ assessment, profiles }: Charted, frame: Frame): Markup {
  const { history, backtest } = assessment;
  const azure = stepsOf(history.capacities);
  const headroom = backtest.kind === 'run' ? stepsOf(backtest.run.capacities) : [];
  const bounds = spansWithin(profiles, frame.from, frame.to);
  const axis = countAxis(frame, mostShown([azure, headroom], bounds, frame));
  const { many } = unitOf(history.setting.target);
  return drawn({
    caption: `${many.charAt(0).toUpperCase()}${many.slice(1)}`,
    label: `${many} over time: ${rangeText('Azure', azure, frame)}; ${rangeText('Headroom', headroom, frame)}; ${actionsText(assessment, frame)}`,
    frame,
    axis,
    shapes: [
      boundsBand(bounds, frame, axis),
      azure.length > 0 ? stepPath(azure, frame, axis, 'azure') : undefined,
      headroom.length > 0 ? stepPath(headroom, frame, axis, 'headroom') : undefined,
    ],
    above: markLanes(assessment, frame),
    below: [],
    legend: [
      ...(azure.length > 0 ? [lineKey('line azure', 'Azure')] : []),
      ...(headroom.length > 0 ? [lineKey('line headroom', 'Headroom, from the same load')] : []),
      areaKey('band', boundsText(bounds)),
      ...markEntries(assessment, frame),
    ],
  });
}

function stepsOf(capacities: readonly CapacityChangeAt[]): readonly Point[] {
  return capacities.map(({ at, instances }) => ({ at, value: instances }));
}

/** Bounds far above all that was used would press it to the ground. */
const boundsFactorMax = 2;

function mostShown(
  lines: readonly (readonly Point[])[],
  bounds: readonly ProfileSpan[],
  { from, to }: Frame,
): number {
  const values = lines.flatMap((line) => stepsWithin(line, from, to).map(({ value }) => value));
  const used = values.reduce((most, value) => Math.max(most, value), 0);
  const maxima = bounds.map(({ profile }) => profile.capacity.maximum);
  const near = maxima.filter((maximum) => used === 0 || maximum <= used * boundsFactorMax);
  const minima = bounds.map(({ profile }) => profile.capacity.minimum);
  return Math.max(used, ...near, ...minima);
}

function boundsText(bounds: readonly ProfileSpan[]): string {
  const texts = bounds.map(
    ({ profile: { capacity } }) => `${capacity.minimum}–${capacity.maximum}`,
  );
  return `bounds ${[...new Set(texts)].join(', ')}`;
}

function rangeText(whose: string, line: readonly Point[], { from, to }: Frame): string {
  const values = stepsWithin(line, from, to).map(({ value }) => value);
  if (values.length === 0) return `${whose}’s are not known`;
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  return `${whose} between ${numberText(least)} and ${numberText(most)}`;
}

function countsOf(
  { actions, missed }: Assessment,
  { from, to }: Frame,
): ReadonlyMap<MarkKind, number> {
  const isShown = ({ at }: { readonly at: number }) => at >= from && at <= to;
  const kinds = actions.filter(isShown).map(({ finding }) => finding.kind);
  return new Map(
    markKinds.map((kind) => [
      kind,
      kind === 'missed'
        ? missed.filter(isShown).length
        : kinds.filter((other) => other === kind).length,
    ]),
  );
}

function actionsText(assessment: Assessment, frame: Frame): string {
  const counts = [...countsOf(assessment, frame)].filter(([, count]) => count > 0);
  if (counts.length === 0) return 'no actions';
  return counts
    .map(([kind, count]) => countText(count, markNames[kind], markNames[kind]))
    .join(', ');
}

function markEntries(assessment: Assessment, frame: Frame): readonly Markup[] {
  return [...countsOf(assessment, frame)]
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => markup`${markKey(kind)}${markNames[kind]} (${numberText(count)})`);
}
