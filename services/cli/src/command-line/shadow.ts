import { addShadowTo, removeShadowFrom } from '../commands/shadow.ts';
import { listShadows, type ShadowListOptions } from '../commands/shadow-list.ts';
import type { Add } from './add.ts';
import { dataOption, shadowName } from './arguments.ts';

export const addShadow: Add = (root, around, done) => {
  const shadow = root
    .command('shadow')
    .description(
      'run candidate settings live beside the one in force: they decide, and change nothing',
    )
    .addHelpText('after', shadowHelp);
  shadow
    .command('add')
    .description('put a shadow beside a setting, or another content in the place of one')
    .argument('<target>', targetText)
    .argument('<name>', 'letters and digits, with . _ and - between them', shadowName)
    .argument('<file>', 'ARM JSON of an autoscale setting of the same target')
    .option('--policy <file>', 'options of the shadow; those in force when not given')
    .addOption(dataOption())
    .action(async (target: string, name: string, file: string, given: AddArguments) => {
      done(await addShadowTo(target, { name, file, ...given }, around));
    });
  shadow
    .command('list')
    .description('print the shadows there are')
    .option('--target <scope>', 'a target, or the beginning of ARM ids')
    .option('--json', 'NDJSON', false)
    .addOption(dataOption())
    .action(async (given: ShadowListOptions) => done(await listShadows(given, around)));
  shadow
    .command('remove')
    .description('take a shadow out; its records stay')
    .argument('<target>', targetText)
    .argument('<name>', 'of a shadow')
    .addOption(dataOption())
    .action(async (target: string, name: string, given: { readonly data: string }) => {
      done(await removeShadowFrom(target, { name, ...given }, around));
    });
};

interface AddArguments {
  readonly data: string;
  readonly policy?: string;
}

const targetText = 'ARM id, or an ending that one target only has: chat/blue';

const shadowHelp = `
  headroom shadow add chat/blue lower candidate.json
  headroom compare chat/blue --since 7d

A shadow is part of the setting's version. It has cooldowns and a flap budget of its own, sees the capacity that is really
there, and holds when the target is paused, frozen or pinned. docs/shadows.md says more.`;
