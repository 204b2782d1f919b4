import { instant } from '@headroom/core';
import { replay, type ReplayOptions } from '../commands/replay.ts';
import type { Add } from './add.ts';
import { dataOption, when } from './arguments.ts';

export const addReplay: Add = (root, around, done) => {
  root
    .command('replay')
    .description('decide again on the recorded inputs of decisions, and report every difference')
    .argument('[id]', 'of one decision; its first 8 characters or more suffice')
    .addOption(dataOption())
    .option('--target <id>', 'ARM id, or an ending that one target only has: chat/blue')
    .option(
      '--since <when>',
      'that long ago, or ISO 8601; the first record when not given',
      when(around),
    )
    .option('--until <when>', 'the same; now when not given', when(around))
    .option('--shadow <name>', 'what shadows of that name decided; everything when not given')
    .option('--json', 'NDJSON: the differences, and the counts at the end', false)
    .addHelpText('after', replayHelp)
    .action(async (id: string | undefined, options: ReplayArguments) => {
      const { since = instant(0), ...rest } = options;
      done(await replay({ ...rest, since, ...(id === undefined ? {} : { id }) }, around));
    });
};

type ReplayArguments = Omit<ReplayOptions, 'id' | 'since'> & Partial<Pick<ReplayOptions, 'since'>>;

const replayHelp = `
Every member of a decision is compared bit for bit. A decision whose setting is not on record cannot be replayed and is
counted. The exit code is 1 where anything differs.`;
