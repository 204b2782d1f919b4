import { severities } from '@headroom/core';
import type { LintFinding, Severity } from '@headroom/core';
import { printable } from '../text/printable.ts';
import type { Colors } from '../view/colors.ts';

/** Widest line of prose. */
const columnsMax = 110;

/** What was found, where, why and what to do; below it the example, as a scale test. */
export function findingLines(
  { rule, severity, field, title, why, fix }: LintFinding,
  example: string | undefined,
  colors: Colors,
): readonly string[] {
  const shown = example === undefined ? [] : example.trimEnd().split('\n');
  return [
    `${coloured(severity, colors)}  ${colors.bold(printable(title))}  ${colors.dim(rule)}`,
    `  at   ${field}`,
    ...labelled('why', why),
    ...labelled('do', fix),
    ...(shown.length === 0 ? [] : ['  shown by this scale test (--out DIR writes it):']),
    ...shown.map((line) => `      ${colors.dim(printable(line))}`),
  ];
}

/** `cpu.json: 1 error, 2 warnings, no notes`. */
export function summaryLine(
  file: string,
  findings: readonly LintFinding[],
  colors: Colors,
): string {
  const counts = severities.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const text = `${count} ${severity}${count === 1 ? '' : 's'}`;
    return count > 0 && severity === 'error' ? colors.red(text) : text;
  });
  return `${file}: ${findings.length === 0 ? 'nothing found' : counts.join(', ')}`;
}

function coloured(severity: Severity, colors: Colors): string {
  switch (severity) {
    case 'error':
      return colors.red(severity);
    case 'warning':
      return colors.yellow(severity);
    case 'note':
      return colors.cyan(severity);
  }
}

/** Wrapped between words. */
function labelled(label: string, text: string): readonly string[] {
  const lines: string[] = [];
  let line = `  ${label.padEnd(4)}`;
  for (const word of printable(text).split(' ')) {
    if (line.length + word.length + 1 > columnsMax) {
      lines.push(line);
      line = ' '.repeat(6);
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
