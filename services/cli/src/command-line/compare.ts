import { compare, type CompareOptions } from '../commands/compare.ts';
import type { Add } from './add.ts';
import { dataOption, when } from './arguments.ts';

export const addCompare: Add = (root, around, done) => {
  root
    .command('compare')
    .description('say by day what shadows decided beside the setting in force')
    .argument('<target>', 'ARM id, or an ending that one target only has: chat/blue')
    .option('--shadow <name>', 'one of them; all when not given')
    .option('--since <when>', 'that long ago, or ISO 8601; 7d when not given', when(around))
    .option('--until <when>', 'the same; now when not given', when(around))
    .option('--time-zone <name>', "whose days: IANA's name, Europe/Berlin", 'UTC')
    .option('--json', 'NDJSON: a line a day and side, then the sums', false)
    .addOption(dataOption())
    .addHelpText('after', compareHelp)
    .action(async (target: string, given: CompareArguments) => {
      const since = given.since ?? when(around)('7d');
      done(await compare({ ...given, since, target }, around));
    });
};

type CompareArguments = Omit<CompareOptions, 'since' | 'target'> &
  Partial<Pick<CompareOptions, 'since'>>;

const compareHelp = `
It reads the audit log and nothing else. A move counts once, however often it was decided again because nobody carried it out.
A side wants the count of its last move while that is on its way or its cooldown holds, else the count at which it holds.`;
