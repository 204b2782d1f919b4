import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Result } from '@headroom/core';
import { apply } from './commands/apply.ts';
import { audit, type AuditOptions } from './commands/audit.ts';
import { send, type SendOptions } from './commands/send.ts';
import { up } from './commands/up.ts';
import { reportFailure } from './report-failure.ts';
import type { ExitCode, Surroundings } from './surroundings.ts';
import { parseDuration } from './text/duration.ts';
import { parseWhen } from './text/when.ts';
import type { Format } from './up/open-view.ts';

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
    .configureOutput({ writeOut: around.out, writeErr: around.err })
    .showHelpAfterError('(add --help for what can be given)')
    .addHelpText('after', epilogue);
  addUp(root, around, done);
  addApply(root, around, done);
  addSend(root, around, done);
  addAudit(root, around, done);
  return root;
}

const epilogue = `
The commands find the system by the environment (COSMOS_ENDPOINT, EVENTHUBS_NAMESPACE, …), then by DIR/env.json, which
"headroom up" writes. Exit codes: 0 done; 1 not done, or a check failed: the message says why.`;

type Add = (root: Command, around: Surroundings, done: (code: ExitCode) => void) => void;

/** What commander makes of the options of `up`. */
interface UpArguments {
  readonly data: string;
  readonly for?: number;
  readonly plain: boolean;
  readonly json: boolean;
  readonly kills?: true | 'once' | 'random';
  readonly seed?: number;
  readonly instances: number;
}

const addUp: Add = (root, around, done) => {
  root
    .command('up')
    .description('run the whole system on this machine, with a workload that it scales')
    .addOption(dataOption())
    .option('--for <duration>', 'end by itself and check the run: 90s, 5m, 1h30m', duration)
    .addOption(new Option('--plain', 'lines instead of the live view').default(false))
    .addOption(
      new Option('--json', 'NDJSON instead of the live view').default(false).conflicts('plain'),
    )
    .addOption(
      new Option('--kills [how]', 'kill -9 the processes meanwhile: each once, or at random')
        .choices(['once', 'random'])
        .preset('once'),
    )
    .option('--seed <number>', 'repeats the kills of an earlier random run', wholeNumber(0))
    .option('--instances <number>', 'ingest processes that share the work', wholeNumber(1, 8), 1)
    .addHelpText('after', upHelp)
    .action(async (given: UpArguments) => {
      const { data, instances } = given;
      const format: Format = given.json ? 'json' : given.plain ? 'plain' : 'live';
      const seed = given.seed ?? around.now() % 1_000_000;
      const span = given.for === undefined ? {} : { forMs: given.for };
      const kills = given.kills === undefined ? {} : { kills: killsOf(given.kills) };
      done(await up({ data, format, seed, instances, ...span, ...kills }, around));
    });
};

const upHelp = `
Starts the embedded Azure and the services, creates an ML endpoint with the deployment "blue" and its autoscale setting,
and drives it with sample traffic: within two minutes it scales out, within four in again. The folder keeps everything: a
second start goes on. With --for or --kills the end is checked: each action has one decision record and one outcome, ARM
has what was applied last, and in 4 minutes or more a ScaleOut and a ScaleIn were applied; otherwise the exit code is 1.`;

const addApply: Add = (root, around, done) => {
  root
    .command('apply')
    .description('check an ARM autoscale setting and put it to work')
    .argument('<file>', 'the setting as ARM JSON: { "location": …, "properties": { … } }')
    .addOption(dataOption())
    .addHelpText('after', applyHelp)
    .action(async (file: string, options: { readonly data: string }) => {
      done(await apply(file, options, around));
    });
};

const applyHelp = `
Every problem is printed with its place, and nothing is written then. A document that says the same as the version in
force changes nothing. Warns when an enabled autoscale setting of Azure's own has the same target.`;

const addSend: Add = (root, around, done) => {
  root
    .command('send')
    .description('publish a file of recorded Azure Monitor records to the hub')
    .argument('<file>', 'JSON ({"records":[…]}, arrays, bare records) or NDJSON, of any size')
    .addOption(dataOption())
    .option('--keep-times', 'send the times as they are', false)
    .option('--path <name>', 'how the data came: push, poll, export or another name', 'export')
    .addHelpText('after', sendHelp)
    .action(async (file: string, options: SendOptions) => done(await send(file, options, around)));
};

const sendHelp = `
Times are moved by whole minutes, so that the newest record ends within the minute before now. The path decides how old
data may be: push 1 minute, export 15 minutes, others 5. Records that cannot be sent are named with their lines.`;

type AuditArguments = Omit<AuditOptions, 'since'> & Partial<Pick<AuditOptions, 'since'>>;

const addAudit: Add = (root, around, done) => {
  root
    .command('audit')
    .description('print decisions and outcomes with their reasons, oldest first')
    .addOption(dataOption())
    .option('--target <id>', 'ARM id, or an ending that one target only has: chat/blue')
    .option('--since <when>', 'that long ago, or ISO 8601; 1h when not given', when(around))
    .option('--until <when>', 'the same; now when not given', when(around))
    .option('--json', 'NDJSON: the records as they are kept', false)
    .action(async (options: AuditArguments) => {
      const since = options.since ?? when(around)('1h');
      done(await audit({ ...options, since }, around));
    });
};

function dataOption(): Option {
  return new Option('--data <dir>', 'folder of the local system').default('.headroom');
}

function killsOf(given: true | 'once' | 'random'): 'once' | 'random' {
  return given === 'random' ? 'random' : 'once';
}

function duration(text: string): number {
  return valueOf(parseDuration(text));
}

function when(around: Surroundings) {
  return (text: string) => valueOf(parseWhen(text, around.now()));
}

function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

function valueOf<T>(parsed: Result<T, string>): T {
  if (parsed.ok) return parsed.value;
  throw new InvalidArgumentError(parsed.error);
}
