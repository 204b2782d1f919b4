import { createColors } from 'picocolors';

/** Functions that colour a text, or leave it as it is. */
export type Colors = ReturnType<typeof createColors>;

export const plainColors: Colors = createColors(false);
export const terminalColors: Colors = createColors(true);
