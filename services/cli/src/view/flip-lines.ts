import { amountText, durationText } from '@headroom/core';
import type {
  Explanation,
  Alternative,
  Flip,
  FlipAnswer,
  Flips,
  MetricFlip,
  ThresholdFlip,
  TimeFlip,
} from '@headroom/core';
import { formatInstant } from '../text/when.ts';
import { numberText, percentText } from './number-text.ts';

/** The smallest change of each kind that would have given another outcome; where there is none, that and why. */
export function flipLines(answer: FlipAnswer, explanation: Explanation): readonly string[] {
  switch (answer.kind) {
    case 'found':
      return foundLines(answer.flips, explanation);
    case 'none':
      return ['No single other value of a metric, threshold or time would have changed it.'];
    case 'unknown':
      return [unknownText(answer.why, explanation)];
  }
}

function foundLines(flips: Flips, explanation: Explanation): readonly string[] {
  const { metric, threshold, time, nearest } = flips;
  const found = [metric, threshold, time].filter((flip) => flip !== undefined);
  const isNearest = ({ kind }: Flip) => kind === nearest?.kind;
  const ordered = found.sort((a, b) => Number(isNearest(b)) - Number(isNearest(a)));
  const absent = [
    ...(metric === undefined ? ['value of one metric'] : []),
    ...(threshold === undefined ? ['threshold of one rule'] : []),
    ...(time === undefined ? ['time'] : []),
  ];
  return [
    ...ordered.map((flip) => {
      return `${isNearest(flip) ? 'nearest' : 'or'}: ${flipText(flip, explanation)}`;
    }),
    ...(absent.length === 0
      ? []
      : [`no other ${absent.join(', and no other ')} would have changed it`]),
  ];
}

function flipText(flip: Flip, explanation: Explanation): string {
  const text = changeText(flip, explanation);
  return `${text} → ${alternativeText(flip.becomes, explanation)}`;
}

function changeText(flip: Flip, explanation: Explanation): string {
  switch (flip.kind) {
    case 'metric':
      return metricText(flip, explanation);
    case 'threshold':
      return thresholdText(flip);
    case 'time':
      return timeText(flip);
  }
}

function metricText(
  { metric, to, from, distance, rules }: MetricFlip,
  { rules: all }: Explanation,
) {
  const read = all.filter(({ report }) => rules.includes(report.index));
  const divided = read.some(({ report }) => report.observed !== from);
  const unit = divided ? ' in all' : '';
  return `${metric} at ${to}${unit} instead of ${numberText(from, to)} (${percentText(distance)})`;
}

function thresholdText({ rule, metric, from, to, distance }: ThresholdFlip): string {
  return `rule ${rule} (${metric}) with the threshold ${to} instead of ${from} (${percentText(distance)})`;
}

const causes: Readonly<Record<TimeFlip['cause'], string>> = {
  cooldown: 'a cooldown',
  backoff: 'the wait after failures',
  override: 'an override',
  budget: 'the hour of an action',
  profile: 'the profile',
};

function timeText({ at, byMs, cause }: TimeFlip): string {
  const way = byMs > 0 ? 'later' : 'earlier';
  const change = byMs > 0 ? 'ends or begins' : 'had not ended or begun yet';
  const words = cause === 'override' ? change : byMs > 0 ? 'ends' : 'had not ended yet';
  const apart = durationText(Math.abs(byMs));
  return `the same at ${formatInstant(at)}, ${apart} ${way}, when ${causes[cause]} ${words}`;
}

function alternativeText(
  { outcome, reason, count }: Alternative,
  { decision: { target } }: Explanation,
): string {
  const where =
    count === undefined ? '' : ` ${outcome === 'Hold' ? 'at' : 'to'} ${amountText(target, count)}`;
  return `${outcome} ${reason}${where}`;
}

function unknownText(
  why: Extract<FlipAnswer, { kind: 'unknown' }>['why'],
  { decision: { setting, reason } }: Explanation,
): string {
  switch (why) {
    case 'noSetting':
      return `Version ${setting.version} of the setting ${setting.id} is not on record: it cannot be worked out.`;
    case 'error':
      return 'Nothing was compared: only what caused the error would have.';
    case 'notRead':
      return `No metric was read, so no value and no threshold would have changed it: ${reason} comes before them. What would have come after it is not on record.`;
  }
}
