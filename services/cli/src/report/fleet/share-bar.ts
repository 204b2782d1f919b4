import { markKey } from '../charts/action-marks.ts';
import type { Figures } from '../figures.ts';
import { markup } from '../markup.ts';
import type { Markup } from '../markup.ts';
import { numberText } from '../words.ts';

const kinds = ['reproduced', 'explained', 'unexplained'] as const;

/** Of Azure's actions, how many came out, under which name. */
export function shareBar(figures: Figures): Markup | undefined {
  if (figures.actions === 0) return undefined;
  const entries = kinds.map(
    (kind) => markup`<li>${markKey(kind)}${kind} ${numberText(figures[kind])}</li>`,
  );
  return markup`${slimBar(figures)}<ul class="legend">${entries}</ul>`;
}

/** Without words: they stand beside it. */
export function slimBar(figures: Figures): Markup | undefined {
  if (figures.actions === 0) return undefined;
  const parts = kinds.map((kind) =>
    figures[kind] === 0
      ? undefined
      : markup`<span class="share ${kind}" style="flex-grow:${figures[kind]}"></span>`,
  );
  return markup`<div class="shares" aria-hidden="true">${parts}</div>`;
}
