import { writeFile } from 'node:fs/promises';
import { runScaleTest } from '@headroom/scenario';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { junitXml } from '../scale-test/junit.ts';
import { readScaleTests } from '../scale-test/read-scale-tests.ts';
import { problemLine, summaryLine, testLines } from '../scale-test/report-lines.ts';
import type { FileReport, TestReport } from '../scale-test/test-report.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { plainColors, terminalColors } from '../view/colors.ts';

export interface TestOptions {
  /** Where the results go as JUnit XML. */
  readonly junit?: string;
}

/** `headroom test FILE…`. */
export async function test(
  files: readonly string[],
  options: TestOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const colors = around.terminal === undefined ? plainColors : terminalColors;
  const reports = [...new Set(files)].map((file): FileReport => {
    const { tests, problems } = readScaleTests(file);
    for (const problem of problems) around.err(`${problemLine(problem)}\n`);
    const run = tests.map((one): TestReport => {
      const begin = around.now();
      const result = runScaleTest(one);
      const report = { result, tookMs: around.now() - begin };
      around.out(`${testLines(report, colors).join('\n')}\n`);
      return report;
    });
    return { file, tests: run, problems };
  });
  around.out(`${summaryLine(reports, colors)}\n`);
  if (options.junit !== undefined) await writeResults(options.junit, junitXml(reports));
  return reports.every(isGood) ? 0 : 1;
}

function isGood({ tests, problems }: FileReport): boolean {
  return problems.length === 0 && tests.every(({ result }) => result.failures.length === 0);
}

async function writeResults(path: string, xml: string): Promise<void> {
  try {
    await writeFile(path, xml);
  } catch (error) {
    throw new CommandFailed(`the results cannot be written to ${path}: ${messageOf(error)}`);
  }
}
