import { InvalidArgumentError, Option, type Command } from 'commander';
import { local, type LocalOptions } from '../commands/local.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import type { Add } from './add.ts';
import { dataOption, wholeNumber } from './arguments.ts';

/** The embedded Azure takes a while to load: each command loads it itself. */
export const addLocal: Add = (root, around, done) => {
  const command = root
    .command('local')
    .description('run the embedded Azure alone, for any project: real protocols on loopback')
    .addOption(dataOption())
    .addOption(
      new Option('--memory', 'keep nothing: all is gone at the end')
        .default(false)
        .conflicts('data'),
    )
    .option(
      '--ports <list>',
      'amqp=5672,cosmos=8081,arm=8443: those of the last start, or free ones',
      ports,
    )
    .option('--config <file...>', "entities: JSON of ours, or the emulators' Config.json")
    .addOption(
      new Option(
        '--sync <what>',
        'what an acknowledgement survives: kill -9, or also a loss of power',
      )
        .choices(['process', 'full'])
        .default('process'),
    )
    .option(
      '--request-units <n>',
      'answer Cosmos DB requests above so many request units a second with 429',
      wholeNumber(1),
    )
    .option(
      '--disable-local-auth',
      'refuse keys: everything signs in with DefaultAzureCredential',
      false,
    )
    .addOption(
      new Option('--env', 'print the variables of the running one for a shell, and end').default(
        false,
      ),
    )
    .addHelpText('after', localHelp)
    .action(async (given: LocalArguments) => {
      const options = { ...given, isInMemory: given.memory };
      done(given.env ? await printEnvironment(given, around) : await local(options, around));
    });
  addStatus(command, around, done);
  addReset(command, around, done);
};

async function printEnvironment(given: LocalArguments, around: Surroundings): Promise<ExitCode> {
  const { localEnvironmentLines } = await import('../commands/local-environment.ts');
  return localEnvironmentLines(given, around);
}

interface LocalArguments extends Omit<LocalOptions, 'isInMemory'> {
  readonly memory: boolean;
  readonly env: boolean;
}

const addStatus: Add = (command, around, done) => {
  command
    .command('status')
    .description('say whether one runs in the folder (--data DIR), where, and how much it keeps')
    .action(async (_: object, self: Command) => {
      const { localStatus } = await import('../commands/local-status.ts');
      done(localStatus(self.optsWithGlobals<{ readonly data: string }>(), around));
    });
};

const addReset: Add = (command, around, done) => {
  command
    .command('reset')
    .description('delete all that the folder (--data DIR) keeps: events, messages, documents, keys')
    .addOption(new Option('--yes', 'do not ask').default(false))
    .action(async (_: object, self: Command) => {
      const { localReset } = await import('../commands/local-reset.ts');
      const options = self.optsWithGlobals<{ readonly data: string; readonly yes: boolean }>();
      done(await localReset(options, around));
    });
};

const serverNames = ['amqp', 'cosmos', 'arm'] as const;

/** `amqp=5672,cosmos=8081` */
function ports(text: string): LocalOptions['ports'] {
  const given = new Set<string>();
  const entries = text.split(',').map((part) => {
    const [name = '', value = ''] = part.split('=');
    const port = Number(value);
    const isKnown = serverNames.some((each) => each === name);
    if (given.has(name)) throw new InvalidArgumentError(`"${part}" gives ${name} a second port.`);
    if (isKnown && /^\d+$/.test(value) && port <= 65_535) {
      given.add(name);
      return [name, port] as const;
    }
    throw new InvalidArgumentError(
      `"${part}" is no NAME=PORT, where NAME is amqp, cosmos or arm, and PORT a number up to 65535.`,
    );
  });
  return Object.fromEntries(entries);
}

const localHelp = `
Serves Event Hubs and Service Bus (AMQP), Cosmos DB and Azure Resource Manager to the real SDKs, on this machine only. Without
--config it has the entities of Headroom. What it can do, and what not: docs/local-azure.md.

  headroom local --ports amqp=5672,cosmos=8081,arm=8443
  eval "$(headroom local --env)"        in another terminal: its connection strings and keys as variables`;
