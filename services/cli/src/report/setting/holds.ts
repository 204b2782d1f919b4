import type { Millis, Reason } from '@headroom/core';
import type { Assessment, HoldSpan } from '@headroom/scenario';
import { becauseText } from '../../view/reason-text.ts';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { details, firstOf, table } from '../table.ts';
import { countText, numberText, spanText, timeText } from '../words.ts';
import { decisionInputs } from './decision-inputs.ts';

interface HeldFor {
  readonly reason: Reason;
  readonly holds: readonly HoldSpan[];
  readonly heldMs: Millis;
}

/** Spans of one reason that are told one by one. */
const spansMax = 5;

/** Why nothing was done while a metric was over a threshold, the costliest reason first. */
export function holdsThatHurt({ holds }: Assessment): Markup | undefined {
  if (holds.length === 0) return undefined;
  const reasons = heldByReason(holds);
  return markup`<h3>Holds that hurt (${spanText(reasons.reduce((sum, { heldMs }) => sum + heldMs, 0))})</h3>
${table<HeldFor>(
  'A metric was over a threshold for scaling out, and nothing was done.',
  [
    { heading: 'Reason', cell: ({ reason }) => reason },
    { heading: 'In all', cell: ({ heldMs }) => spanText(heldMs), isNumber: true },
    { heading: 'Spans', cell: ({ holds: own }) => numberText(own.length), isNumber: true },
    { heading: 'Why not', cell: whyNot },
  ],
  reasons,
)}`;
}

/** The one with most time first. */
export function heldByReason(holds: readonly HoldSpan[]): readonly HeldFor[] {
  const reasons = [...Map.groupBy(holds, ({ reason }) => reason)];
  return reasons
    .map(([reason, own]) => ({ reason, holds: own, heldMs: totalOf(own) }))
    .sort((a, b) => b.heldMs - a.heldMs);
}

function totalOf(holds: readonly HoldSpan[]): Millis {
  return holds.reduce((sum, hold) => sum + lengthOf(hold), 0);
}

function lengthOf({ from, to }: HoldSpan): Millis {
  return to - from;
}

function whyNot({ holds }: HeldFor): Markup {
  const longest = holds.toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const { shown, more } = firstOf(longest, spansMax);
  const items = shown.map(
    (hold) =>
      markup`<li><b>${timeText(hold.from)}</b>, ${spanText(lengthOf(hold))}. ${decisionInputs(hold.decision)}</li>`,
  );
  const [first] = longest;
  return markup`<p>${first === undefined ? '' : becauseText(first.decision)}</p>${details(
    holds.length > spansMax ? `The longest ${spansMax}` : countText(holds.length, 'span'),
    markup`<ul>${items}</ul>${more}`,
  )}`;
}
