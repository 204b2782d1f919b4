import { durationText } from '@headroom/core';
import { isAsExpected, spanText } from '@headroom/scenario';
import type {
  Action,
  Expectation,
  ExpectedDecision,
  FailedDecisions,
  FailedExpectation,
  ScaleTestFailure,
  ScaleTestProblem,
  TimelineRow,
} from '@headroom/scenario';
import { printable } from '../text/printable.ts';
import { plainColors, type Colors } from '../view/colors.ts';
import type { FileReport, TestReport } from './test-report.ts';

/** One line a test; below a failed one, what is different and what happened around it. */
export function testLines({ result, tookMs }: TestReport, colors: Colors): readonly string[] {
  const { test, failures } = result;
  const place = colors.dim(`${test.file}:${test.line}, ${durationText(tookMs)}`);
  const mark = failures.length === 0 ? colors.green('✓') : colors.red('✗');
  const lines = failures.flatMap((failure) => failureLines(failure, test.file, colors));
  return [`${mark} ${printable(test.name)}  ${place}`, ...lines];
}

/** `cpu.yaml:12: input[0].values: …`. */
export function problemLine({ file, line, field, message }: ScaleTestProblem): string {
  const place = line === 0 ? file : `${file}:${line}`;
  const what = printable(field === '' ? message : `${field}: ${message}`);
  return `${place}: ${what}`;
}

/** Without colours, for other formats. */
export function failureText(failures: readonly ScaleTestFailure[], file: string): string {
  return failures.flatMap((failure) => failureLines(failure, file, plainColors)).join('\n');
}

export function summaryLine(reports: readonly FileReport[], colors: Colors): string {
  const tests = reports.flatMap((report) => report.tests);
  const failed = tests.filter(({ result }) => result.failures.length > 0).length;
  const problems = reports.reduce((sum, report) => sum + report.problems.length, 0);
  const parts = [
    `${tests.length} ${tests.length === 1 ? 'test' : 'tests'}`,
    `${tests.length - failed} passed`,
    failed === 0 ? '0 failed' : colors.red(`${failed} failed`),
    problems === 0
      ? undefined
      : colors.red(
          `${problems} ${problems === 1 ? 'problem' : 'problems'} in what could not be read`,
        ),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function failureLines(failure: ScaleTestFailure, file: string, colors: Colors): readonly string[] {
  const lines =
    failure.kind === 'expectation'
      ? expectationLines(failure, file, colors)
      : decisionsLines(failure, colors);
  return lines.map((line) => `    ${line}`);
}

function expectationLines(
  { expectation, differences, evaluation, timeline }: FailedExpectation,
  file: string,
  colors: Colors,
): readonly string[] {
  const { at, line, key } = expectation;
  const width = Math.max(...differences.map(({ key }) => key.length));
  const trail = evaluation?.trail ?? [];
  return [
    `at ${spanText(at)}${key === undefined ? '' : `, limit ${printable(key)}`}  ${colors.dim(`${file}:${line}`)}`,
    ...differences.map(
      ({ key, expected, found }) =>
        `  ${key.padEnd(width)}  expected ${colors.green(printable(expected))}, found ${colors.red(printable(found))}`,
    ),
    ...(trail.length === 0 ? [] : ['  how the last evaluation came about:']),
    ...trail.map(({ step, answer }) => `    ${step}: ${printable(answer)}`),
    '  what happened around it:',
    ...timelineLines(timeline, expectation).map((row) => `    ${row}`),
  ];
}

/** The rows, with a line where the expectation was looked at. */
function timelineLines(rows: readonly TimelineRow[], { at, key }: Expectation): readonly string[] {
  const width = Math.max(4, spanText(at).length, ...rows.map((row) => spanText(row.at).length));
  const line = (time: string, capacity: string, text: string) =>
    `${time.padEnd(width)}  ${capacity.padStart(9)}  ${text}`;
  const texts = rows.map((row) =>
    line(spanText(row.at), String(row.capacity), printable(row.text)),
  );
  const seen = rows.filter((row) => row.at <= at).length;
  const here = line(spanText(at), '', '──── expected here');
  const unit = key === undefined ? 'instances' : 'calls/s';
  return [line('time', unit, 'what'), ...texts.slice(0, seen), here, ...texts.slice(seen)];
}

/** Most actions that a diff shows. */
const actionsShown = 40;

function decisionsLines({ expected, found }: FailedDecisions, colors: Colors): readonly string[] {
  const lines: string[] = [];
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    const [wanted, action] = [expected[index], found[index]];
    if (wanted !== undefined && action !== undefined && isAsExpected(wanted, action)) {
      lines.push(`    ${actionText(action)}`);
      continue;
    }
    if (wanted !== undefined) lines.push(colors.green(`  - ${actionText(wanted)}`));
    if (action !== undefined) lines.push(colors.red(`  + ${actionText(action)}`));
  }
  const more = lines.length - actionsShown;
  return [
    `decisions  ${colors.dim('- expected, + found')}`,
    ...lines.slice(0, actionsShown),
    ...(more > 0 ? [`    … and ${more} lines more`] : []),
    ...(lines.length === 0 ? ['    none'] : []),
  ];
}

function actionText({ at, key, outcome, reason, from, to }: Action | ExpectedDecision): string {
  const move = from === undefined && to === undefined ? '' : ` ${from ?? '?'} → ${to ?? '?'}`;
  const whose = key === undefined ? '' : ` ${printable(key)}`;
  return `${spanText(at)}${whose} ${outcome ?? 'an action'}${move}${reason === undefined ? '' : ` ${reason}`}`;
}
