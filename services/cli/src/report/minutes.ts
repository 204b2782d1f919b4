import { durationText } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { Assessment, ScaleOutMinutes } from '@headroom/scenario';
import { markup } from './markup.ts';
import type { Markup } from './markup.ts';
import { table } from './table.ts';
import { countText, timeText } from './words.ts';

/** A scale-out of which it is known where its minutes went. */
export interface TimedScaleOut {
  readonly at: Instant;
  readonly minutes: ScaleOutMinutes;
  readonly totalMs: Millis;
}

/** In the order in which they pass. */
const parts: readonly (readonly [key: keyof ScaleOutMinutes, name: string, what: string])[] = [
  ['dataAgeMs', 'data age', 'until Azure had the data'],
  ['windowMs', 'window', 'until the window’s value was over the threshold'],
  ['cooldownMs', 'cooldown', 'held back by the action before and its cooldown'],
  ['engineMs', 'engine', 'the engine’s own round, and what nothing else explains'],
  ['provisioningMs', 'provisioning', 'until the new instances served'],
];

/** The quickest first. */
export function timedScaleOuts({ actions }: Assessment): readonly TimedScaleOut[] {
  return actions
    .flatMap(({ at, minutes }) => {
      if (minutes === undefined) return [];
      const totalMs = parts.reduce((sum, [key]) => sum + (minutes[key] ?? 0), 0);
      return totalMs > 0 ? [{ at, minutes, totalMs }] : [];
    })
    .sort((a, b) => a.totalMs - b.totalMs);
}

/** The parts of the one in the middle and of the worst, each as a bar, and their figures. `scaleOuts`: the quickest first. */
export function minutesOf(scaleOuts: readonly TimedScaleOut[]): Markup | undefined {
  const worst = scaleOuts.at(-1);
  const middle = scaleOuts[scaleOuts.length >> 1];
  if (worst === undefined || middle === undefined) return undefined;
  return markup`<div class="minutes">
${barOf('Median', middle)}
${barOf('Worst', worst)}
</div>
${table(
  `From the first grain over the threshold to instances that serve; ${countText(scaleOuts.length, 'scale-out')} known.`,
  [
    { heading: 'Part', cell: ([key, name]) => markup`<i class="swatch ${key}"></i>${name}` },
    { heading: 'Median', cell: ([key]) => partText(middle.minutes[key]), isNumber: true },
    { heading: 'Worst', cell: ([key]) => partText(worst.minutes[key]), isNumber: true },
    { heading: 'What it is', cell: ([, , what]) => what },
  ],
  parts,
)}`;
}

function partText(ms: Millis | undefined): string {
  if (ms === undefined) return 'not on record';
  return ms === 0 ? 'none' : durationText(ms);
}

/** Parts narrower than this have no room for their name. */
const namedShare = 0.09;

function barOf(name: string, { at, minutes, totalMs }: TimedScaleOut): Markup {
  const segments = parts.flatMap(([key, part]) => {
    const ms = minutes[key] ?? 0;
    if (ms === 0) return [];
    const text = ms / totalMs >= namedShare ? markup`<span>${part}</span>` : '';
    return [
      markup`<span class="part ${key}" style="flex-grow:${ms}" title="${part}: ${durationText(ms)}">${text}</span>`,
    ];
  });
  return markup`<p>${name}: <b>${durationText(totalMs)}</b>, ${timeText(at)}</p><div class="bar" aria-hidden="true">${segments}</div>`;
}
