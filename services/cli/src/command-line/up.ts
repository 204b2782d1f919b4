import { Option } from 'commander';
import { up } from '../commands/up.ts';
import type { Format } from '../up/open-view.ts';
import type { Add } from './add.ts';
import { dataOption, duration, wholeNumber } from './arguments.ts';

export const addUp: Add = (root, around, done) => {
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
    .option(
      '--trace <file>',
      'calls of models from a CSV of TIMESTAMP,ContextTokens,GeneratedTokens',
    )
    .option('--instances <number>', 'ingest processes that share the work', wholeNumber(1, 8), 1)
    .option(
      '--disable-local-auth',
      'no keys: everything signs in with DefaultAzureCredential',
      false,
    )
    .addHelpText('after', upHelp)
    .action(async (given: UpArguments) => {
      const { data, instances, disableLocalAuth } = given;
      const format: Format = given.json ? 'json' : given.plain ? 'plain' : 'live';
      const seed = given.seed ?? around.now() % 1_000_000;
      const span = given.for === undefined ? {} : { forMs: given.for };
      const kills = given.kills === undefined ? {} : { kills: killsOf(given.kills) };
      const trace = given.trace === undefined ? {} : { trace: given.trace };
      const options = {
        ...{ data, format, seed, instances, disableLocalAuth },
        ...{ ...span, ...kills, ...trace },
      };
      done(await up(options, around));
    });
};

/** What commander makes of the options of `up`. */
interface UpArguments {
  readonly data: string;
  readonly for?: number;
  readonly plain: boolean;
  readonly json: boolean;
  readonly kills?: true | 'once' | 'random';
  readonly seed?: number;
  readonly trace?: string;
  readonly instances: number;
  readonly disableLocalAuth: boolean;
}

const upHelp = `
Starts the embedded Azure and the services, creates an ML endpoint with the deployment "blue" and its autoscale setting,
and drives it with sample traffic: within two minutes it scales out, within four in again. Beside it AI services are called
through the gateway: the limit of "vision" climbs until its backend runs out, a client of "translator" goes wild and is
stopped by its budget, quota moves between two model deployments. The folder keeps everything: a second start goes on.

With --for or --kills the end is checked: each action has one decision record and one outcome, each target has what was
applied last, and in 4 minutes or more the deployment was scaled both ways, limits were raised and quota was moved;
otherwise the exit code is 1.`;

function killsOf(given: true | 'once' | 'random'): 'once' | 'random' {
  return given === 'random' ? 'random' : 'once';
}
