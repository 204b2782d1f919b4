import type { Rule } from '@headroom/core';
import type { HoldSpan } from '@headroom/scenario';
import { foreign, markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { ruleText, windowText } from '../rule-words.ts';
import { countText, listText, spanText, valueText } from '../words.ts';
import { areaKey, drawn, lineKey } from './drawing.ts';
import type { Charted } from './charted.ts';
import { valueAxis } from './frame.ts';
import type { Frame, ValueAxis } from './frame.ts';
import { holdLanes, holdShade, holdsWithin } from './hold-lanes.ts';
import type { MetricLine, PlacedRule, RuledMetric } from './metric-lines.ts';
import { levelPath, valuePath } from './paths.ts';
import { within } from './point.ts';
import { spansWithin } from './profile-spans.ts';
import type { ProfileSpan } from './profile-spans.ts';

/** What the rules read of one metric, what they compare it with, and when nothing was done about it. */
export function metricChart(
  metric: RuledMetric,
  { assessment, profiles }: Charted,
  frame: Frame,
): Markup {
  const { name, rules, lines } = metric;
  const spans = spansWithin(profiles, frame.from, frame.to);
  const levels = levelsOf(rules, spans);
  const values = lines.flatMap(({ points }) =>
    within(points, frame.from, frame.to).map(({ value }) => value),
  );
  const range = values.length === 0 ? undefined : rangeOf(values);
  const axis = valueAxis(frame, rangeOf([...values, ...levels.map(({ value }) => value)]));
  const holds = holdsWithin(holdsOf(metric, assessment.holds), frame);
  return drawn({
    caption: foreign(name),
    label: labelText(metric, levels, range, holds),
    frame,
    axis,
    shapes: [
      holds.length > 0 ? holdShade(holds, frame) : undefined,
      levels.map(({ value, spans: own, isOut }) =>
        levelPath(own, value, frame, axis, isOut ? 'out' : 'in'),
      ),
      lines
        .map(({ points, holeMs }, index) =>
          valuePath(points, holeMs, frame, axis, lineStyle(index)),
        )
        .toReversed(),
    ],
    notes: [levelNotes(levels, axis), range === undefined ? emptyNote(frame) : undefined],
    above: [],
    below: holdLanes(holds, frame),
    legend: legendOf(lines, holds),
  });
}

/** A threshold, while profiles with it are in force. */
interface Level {
  readonly value: number;
  readonly isOut: boolean;
  readonly spans: readonly ProfileSpan[];
  readonly text: string;
}

function levelsOf(rules: readonly PlacedRule[], spans: readonly ProfileSpan[]): readonly Level[] {
  const byText = Map.groupBy(rules, ({ rule }) => ruleText(rule));
  return [...byText].flatMap(([text, own]) => {
    const rule = own[0]?.rule;
    const inForce = spans.filter(({ index }) => own.some(({ profile }) => profile === index));
    if (rule === undefined || inForce.length === 0) return [];
    return [{ value: rule.trigger.threshold, isOut: isOutRule(rule), spans: inForce, text }];
  });
}

function isOutRule({ action }: Rule): boolean {
  return action.direction === 'Increase';
}

/** Letters of a note need so many pixels. */
const noteHeight = 14;

/**
 * Where there is room, behind the end of its line; else above it for what scales out and below it for what scales in. Of two
 * that would meet the upper one gives way.
 */
function levelNotes(levels: readonly Level[], axis: ValueAxis): readonly Markup[] {
  let free = Infinity;
  return levels
    .toSorted((a, b) => a.value - b.value)
    .map(({ value, isOut, text }) => {
      const y = Math.min(axis.y(value), free);
      free = y - noteHeight;
      return markup`<text class="note ${isOut ? 'out' : 'in'}" x="100%" y="${y}">${text}</text>`;
    });
}

function emptyNote({ height }: Frame): Markup {
  return markup`<text class="empty" x="50%" y="${height / 2}" text-anchor="middle">no values on record</text>`;
}

function rangeOf(values: readonly number[]): [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** Of the spans, those in which this metric was over; where no rule could be read, every chart shows it. */
function holdsOf({ name }: RuledMetric, holds: readonly HoldSpan[]): readonly HoldSpan[] {
  const own = name.toLowerCase();
  return holds.filter(({ decision }) => {
    const over = decision.rules.filter(({ fired, direction }) => fired && direction === 'out');
    return over.length === 0 || over.some(({ metric }) => metric.toLowerCase() === own);
  });
}

function lineStyle(index: number): string {
  return index === 0 ? 'metric' : 'metric other';
}

function legendOf(lines: readonly MetricLine[], holds: readonly HoldSpan[]): readonly Markup[] {
  return [
    ...lines.map(({ trigger }, index) => lineKey(`line ${lineStyle(index)}`, windowText(trigger))),
    ...(holds.length > 0
      ? [areaKey('shade', 'over a threshold, nothing done; why: the rows below')]
      : []),
  ];
}

function labelText(
  { name, lines }: RuledMetric,
  levels: readonly Level[],
  range: readonly [number, number] | undefined,
  holds: readonly HoldSpan[],
): string {
  const how = listText(lines.map(({ trigger }) => windowText(trigger)));
  const values =
    range === undefined
      ? 'no values on record'
      : `between ${valueText(range[0])} and ${valueText(range[1])}`;
  const heldMs = holds.reduce((sum, { from, to }) => sum + to - from, 0);
  const held =
    holds.length === 0
      ? ''
      : `; over a threshold with nothing done in ${countText(holds.length, 'span')}, ${spanText(heldMs)} in all`;
  return `${name} over time, ${how}: ${values}; thresholds ${listText(levels.map(({ text }) => text))}${held}`;
}
