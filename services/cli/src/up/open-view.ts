import { jsonView } from '../view/json-view.ts';
import { liveView } from '../view/live-view.ts';
import { plainView } from '../view/plain-view.ts';
import type { View } from '../view/shown-event.ts';
import type { Surroundings } from '../surroundings.ts';

export type Format = 'live' | 'plain' | 'json';

/** The live view needs a terminal; where there is none, lines are shown. */
export function openView(format: Format, around: Surroundings): View {
  if (format === 'json') return jsonView(around.out);
  if (format === 'plain' || around.terminal === undefined) return plainView(around.out);
  return liveView(around.terminal);
}
