import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { defaultPolicy, lint as findingsOf } from '@headroom/core';
import type { AutoscaleSetting, LintFinding, Policy, Problem } from '@headroom/core';
import { documentKind, parseAutoscaleSetting } from '@headroom/wire';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { findingLines, summaryLine } from '../lint/finding-lines.ts';
import { exampleTest } from '../lint/example-test.ts';
import { readDocument, readPolicy } from '../settings/read-document.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { problemText } from '../text/problem-text.ts';
import { plainColors, terminalColors } from '../view/colors.ts';

export interface LintArguments {
  /** A file; the default policy when absent. */
  readonly policy?: string;
  /** How the metrics come, where that is known. */
  readonly path?: string;
  /** A folder for the examples. */
  readonly out?: string;
  readonly strict: boolean;
  readonly json: boolean;
}

/** `headroom lint FILE`. */
export async function lint(
  file: string,
  options: LintArguments,
  around: Surroundings,
): Promise<ExitCode> {
  const read = await readSetting(file, around);
  if (read === undefined) return 1;
  const { setting, warnings } = read;
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  const findings = findingsOf(setting, policy ?? defaultPolicy, {
    from: around.now(),
    ...(options.path === undefined ? {} : { path: options.path }),
  });
  noteOthers(file, warnings, around);
  if (options.json) around.out(`${JSON.stringify(findings, undefined, 2)}\n`);
  else print(file, findings, policy, around);
  if (options.out !== undefined) await writeTests(options.out, file, findings, policy, around);
  const fails = ({ severity }: LintFinding) =>
    severity === 'error' || (options.strict && severity === 'warning');
  return findings.some(fails) ? 1 : 0;
}

interface ReadSetting {
  readonly setting: AutoscaleSetting;
  readonly warnings: readonly Problem[];
}

/** Rules that can never act: the finding `max-is-min` says it, and more. */
const alsoFinding = /\.rules$/;

/** What `apply` would warn of and no finding says, such as notifications, which are not sent. */
function noteOthers(file: string, warnings: readonly Problem[], around: Surroundings): void {
  for (const warning of warnings) {
    if (alsoFinding.test(warning.field)) continue;
    around.err(`note: ${file}: ${problemText(warning)}\n`);
  }
}

/** `undefined`: it is none, and why was said. */
async function readSetting(file: string, around: Surroundings): Promise<ReadSetting | undefined> {
  const document = await readDocument(file);
  if (documentKind(document) !== 'setting') {
    throw new CommandFailed(
      `${file} is an account or a quota pool: lint looks at autoscale settings, and "headroom apply" checks the others`,
    );
  }
  const parsed = parseAutoscaleSetting(document);
  if (parsed.ok) return { setting: parsed.value, warnings: parsed.warnings };
  for (const problem of parsed.error) around.err(`${file}: ${problemText(problem)}\n`);
  around.err(`${file} is no setting that could be put to work: mend that first.\n`);
  return undefined;
}

function print(
  file: string,
  findings: readonly LintFinding[],
  policy: Policy | undefined,
  around: Surroundings,
): void {
  const colors = around.terminal === undefined ? plainColors : terminalColors;
  const lines = findings.flatMap((finding) => [
    ...findingLines(finding, exampleTest(finding, file, policy), colors),
    '',
  ]);
  around.out(`${[...lines, summaryLine(file, findings, colors)].join('\n')}\n`);
}

/** `1-thresholds-flap.yaml`, in the order of the findings. */
async function writeTests(
  folder: string,
  file: string,
  findings: readonly LintFinding[],
  policy: Policy | undefined,
  around: Surroundings,
): Promise<void> {
  const shown = findings.filter(({ trace }) => trace !== undefined);
  try {
    await mkdir(folder, { recursive: true });
    for (const [index, finding] of shown.entries()) {
      const path = join(folder, `${index + 1}-${finding.rule}.yaml`);
      const yaml = exampleTest(finding, relative(folder, file), policy);
      await writeFile(path, yaml ?? '');
      around.err(`${path}: shows ${finding.rule}; run it with "headroom test ${path}"\n`);
    }
  } catch (error) {
    throw new CommandFailed(`the examples cannot be written to ${folder}: ${messageOf(error)}`);
  }
}
