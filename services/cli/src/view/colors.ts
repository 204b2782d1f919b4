import { createColors } from 'picocolors';
import type { Surroundings } from '../surroundings.ts';

/** Functions that colour a text, or leave it as it is. */
export type Colors = ReturnType<typeof createColors>;

export const plainColors: Colors = createColors(false);
export const terminalColors: Colors = createColors(true);

/** Colours where a person looks at a terminal, unless the person wants none (NO_COLOR). */
export function colorsOf({ terminal, env }: Pick<Surroundings, 'terminal' | 'env'>): Colors {
  return terminal === undefined || (env.NO_COLOR ?? '') !== '' ? plainColors : terminalColors;
}
