import type { ScaleTestProblem } from '@headroom/scenario';
import { failureText, problemLine } from './report-lines.ts';
import type { FileReport, TestReport } from './test-report.ts';

/** The results in the form that build servers read: a suite a file, a case a test. */
export function junitXml(reports: readonly FileReport[]): string {
  const suites = reports.map(suiteXml).join('');
  const counts = countsOf(reports);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="headroom test"${counts}>\n${suites}</testsuites>\n`;
}

function suiteXml(report: FileReport): string {
  const cases = [
    ...report.tests.map((test) => caseXml(report.file, test)),
    ...report.problems.map((problem) => problemXml(report.file, problem)),
  ];
  const name = attribute('name', report.file);
  return `  <testsuite${name}${countsOf([report])}>\n${cases.join('')}  </testsuite>\n`;
}

function countsOf(reports: readonly FileReport[]): string {
  const tests = reports.flatMap((report) => report.tests);
  const errors = reports.reduce((sum, { problems }) => sum + problems.length, 0);
  const failures = tests.filter(({ result }) => result.failures.length > 0).length;
  const tookMs = tests.reduce((sum, test) => sum + test.tookMs, 0);
  return [
    attribute('tests', tests.length + errors),
    attribute('failures', failures),
    attribute('errors', errors),
    attribute('time', seconds(tookMs)),
  ].join('');
}

function caseXml(file: string, { result, tookMs }: TestReport): string {
  const { test, failures } = result;
  const begin = `    <testcase${attribute('name', test.name)}${attribute('classname', file)}`;
  const whole = `${begin}${attribute('line', test.line)}${attribute('time', seconds(tookMs))}`;
  if (failures.length === 0) return `${whole}/>\n`;
  const message = attribute('message', messageOf(failures.length));
  const told = escaped(failureText(failures, file));
  return `${whole}>\n      <failure${message}>${told}</failure>\n    </testcase>\n`;
}

function messageOf(failures: number): string {
  return failures === 1 ? 'not as expected' : `not as expected in ${failures} places`;
}

/** A test that cannot be read is an error of its file. */
function problemXml(file: string, problem: ScaleTestProblem): string {
  const name = attribute('name', `line ${problem.line}`);
  const message = attribute('message', problemLine(problem));
  return `    <testcase${name}${attribute('classname', file)}>\n      <error${message}/>\n    </testcase>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

function attribute(name: string, value: string | number): string {
  return ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no place for most control characters and for halves of a surrogate pair. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\P{Cc}]|[\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}
