import { durationText } from '@headroom/core';
import type { Millis, TargetId } from '@headroom/core';
import type {
  BesideInForce,
  ComparedSide,
  ComparedSpan,
  Comparison,
  DifferingCounts,
  WantedCount,
} from '@headroom/scenario';
import { beginningMin } from '../text/find-record.ts';
import { shortName } from '../text/target-name.ts';
import { formatInstant } from '../text/when.ts';
import type { Colors } from './colors.ts';

/** Shortest time that a difference is told for: two evaluations of one second need not be the same one. */
const worthTellingMs: Millis = 2_000;

/** What a setting and its shadows decided, for a person who wants to know whether one of them is better. */
export function comparisonLines(
  target: TargetId,
  { days, total, versions }: Comparison,
  { from, until, timeZone }: ComparedSpan,
  colors: Colors,
): readonly string[] {
  const which = versions.length === 1 ? 'version' : 'versions';
  return [
    `${colors.bold(shortName(target))}  ${formatInstant(from)} to ${formatInstant(until)}, ${which} ${versions.join(', ')} of the setting, days of ${timeZone}`,
    ...days.flatMap(({ day, sides }) => ['', colors.bold(day), ...sidesLines(sides, colors)]),
    ...(days.length > 1
      ? ['', colors.bold('Altogether'), ...sidesLines(total, colors, false)]
      : []),
    '',
    colors.dim(
      'A shadow decides on the capacity that is really there, which its own decisions do not change.',
    ),
    colors.dim('What would have become of them is worked out by headroom backtest.'),
  ];
}

function sidesLines(sides: readonly ComparedSide[], colors: Colors, withTelling = true) {
  const width = Math.max(...sides.map((side) => nameOf(side).length));
  return sides.flatMap((side) => {
    const below = [
      heldText(side),
      ...(side.beside === undefined ? [] : besideLines(side.beside, colors, withTelling)),
    ];
    const indent = ' '.repeat(width + 4);
    const head = `  ${nameOf(side).padEnd(width)}  ${movesText(side)}`;
    return [head, ...below.map((line) => indent + line)];
  });
}

function nameOf({ shadow }: ComparedSide): string {
  return shadow ?? 'in force';
}

/** `3 scale-outs, 1 scale-in (12 times decided again)`. */
function movesText({ scaleOuts, scaleIns, again }: ComparedSide): string {
  const moves = `${counted(scaleOuts, 'scale-out')}, ${counted(scaleIns, 'scale-in')}`;
  return again === 0 ? moves : `${moves} (decided again ${counted(again, 'time')})`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** `held 21 h 3 min of 24 h: NotTriggered 20 h, Cooldown 43 min`. */
function heldText({ heldMs, knownMs }: ComparedSide): string {
  const reasons = Object.entries(heldMs);
  const sum = reasons.reduce((all, [, ms]) => all + ms, 0);
  if (reasons.length === 0) return `held nothing of ${durationText(knownMs)}`;
  const list = reasons.map(([reason, ms]) => `${reason} ${durationText(ms)}`).join(', ');
  return `held ${durationText(sum)} of ${durationText(knownMs)}: ${list}`;
}

function besideLines(beside: BesideInForce, colors: Colors, withTelling: boolean) {
  const { bothMs, differsMs, moreInstanceMs } = beside;
  if (differsMs < worthTellingMs) return [`wanted the same count all ${durationText(bothMs)}`];
  const more = moreInstanceMs / differsMs;
  const average = `${Math.abs(more).toFixed(1)} ${more < 0 ? 'fewer' : 'more'} on average`;
  const head = `wanted another count for ${durationText(differsMs)} of ${durationText(bothMs)}, ${average}`;
  const told = beside.telling.filter(({ from, until }) => until - from >= worthTellingMs);
  const rest = beside.times - told.length;
  return [
    colors.bold(head),
    ...(withTelling ? told.flatMap((one) => tellingLines(one, colors)) : []),
    ...(withTelling && rest > 0 ? [`  and ${counted(rest, 'time')} more, shorter or nearer`] : []),
  ];
}

function tellingLines(differing: DifferingCounts, colors: Colors): readonly string[] {
  const { from, until, inForce, shadow } = differing;
  const head = `  ${formatInstant(from)} for ${durationText(until - from)}: ${shadow.count} instead of ${inForce.count}`;
  return [
    head,
    colors.dim(`    shadow    ${wantedText(shadow)}`),
    colors.dim(`    in force  ${wantedText(inForce)}`),
  ];
}

/** `ScaleOut ScaleOutRule  headroom explain 4f1d2c3b4a59`. */
function wantedText({ decision }: WantedCount): string {
  const { outcome, reason, id } = decision;
  return `${outcome} ${reason}: headroom explain ${id.slice(0, beginningMin + 4)}`;
}
