import type { Colors } from './colors.ts';

/** A title and what stands below it; nothing where nothing does. */
export function section(
  title: string,
  lines: readonly string[],
  colors: Colors,
): readonly string[] {
  if (lines.length === 0) return [];
  return ['', colors.bold(title), ...lines.map((line) => `  ${line}`)];
}
