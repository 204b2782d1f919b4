import { Command, CommanderError, Help } from 'commander';
import type { Option } from 'commander';
import type { Add } from './command-line/add.ts';
import { addApply } from './command-line/apply.ts';
import { addAssess } from './command-line/assess.ts';
import { addAudit } from './command-line/audit.ts';
import { addBacktest } from './command-line/backtest.ts';
import { addCompare } from './command-line/compare.ts';
import { addExplain } from './command-line/explain.ts';
import { addExport } from './command-line/export.ts';
import { addImport } from './command-line/import.ts';
import { addLint } from './command-line/lint.ts';
import { addLocal } from './command-line/local.ts';
import { addOverride } from './command-line/override.ts';
import { addRatelimit } from './command-line/ratelimit.ts';
import { addReplay } from './command-line/replay.ts';
import { addSend } from './command-line/send.ts';
import { addShadow } from './command-line/shadow.ts';
import { addTest } from './command-line/test.ts';
import { addUp } from './command-line/up.ts';
import { reportFailure } from './report-failure.ts';
import type { ExitCode, Surroundings } from './surroundings.ts';

/** Carries out one command line, without the program's own name; resolves to the exit code and never rejects. */
export async function runCommandLine(
  args: readonly string[],
  around: Surroundings,
): Promise<number> {
  let exitCode = 0;
  try {
    await program(around, (code) => (exitCode = code)).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Help that was asked for, or arguments that cannot be read: commander has said so.
    if (error instanceof CommanderError) return error.exitCode;
    reportFailure(error, around);
    return 1;
  }
}

/** Arguments to commands; nothing else. `done` is told the exit code. */
function program(around: Surroundings, done: (code: ExitCode) => void): Command {
  const root = new Command('headroom')
    .description(
      'An event-driven autoscaler for Azure whose every decision can be explained and replayed.',
    )
    .exitOverride()
    .configureHelp({ optionDescription: optionText })
    .configureOutput({ writeOut: around.out, writeErr: around.err })
    .showHelpAfterError('(add --help for what can be given)')
    .addHelpText('after', epilogue);
  for (const add of commands) add(root, around, done);
  return root;
}

/** That a switch is off where it is not given goes without saying. */
function optionText(option: Option): string {
  return option.defaultValue === false ? option.description : plainHelp.optionDescription(option);
}

const plainHelp = new Help();

/** In the order in which help lists them. */
const commands: readonly Add[] = [
  addUp,
  addLocal,
  addAssess,
  addApply,
  addImport,
  addExport,
  addLint,
  addOverride,
  addShadow,
  addRatelimit,
  addSend,
  addAudit,
  addExplain,
  addCompare,
  addReplay,
  addBacktest,
  addTest,
];

const epilogue = `
The commands find the system by the environment (COSMOS_ENDPOINT, EVENTHUBS_NAMESPACE, …), then by DIR/env.json, which
"headroom up" writes. Exit codes: 0 done; 1 not done, or a check failed: the message says why; 3 "local status": nothing runs.`;
