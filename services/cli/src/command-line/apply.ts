import { Option } from 'commander';
import { apply, type ApplyOptions } from '../commands/apply.ts';
import type { Add } from './add.ts';
import { dataOption, modeOf } from './arguments.ts';

export const addApply: Add = (root, around, done) => {
  root
    .command('apply')
    .description(
      'check an autoscale setting, an AI services account or a quota pool, and put it to work',
    )
    .argument(
      '<file>',
      'as ARM JSON: { "location": …, "properties": { … } }; a pool as in docs/rate-limits.md',
    )
    .addOption(dataOption())
    .option(
      '--policy <file>',
      "Headroom's own options for it, YAML or JSON: docs/options.md, docs/rate-limits.md",
    )
    .addOption(
      new Option(
        '--mode <mode>',
        'act (scale) or observe (only record); wins over the policy',
      ).argParser(modeOf),
    )
    .addHelpText('after', applyHelp)
    .action(async (file: string, options: ApplyOptions) => {
      done(await apply(file, options, around));
    });
};

const applyHelp = `
Every problem is printed with its place, and nothing is written then. A document that says the same as the version in
force changes nothing. Without --policy and --mode the policy in force stays; a new setting acts. Overrides stay as well.
Says how much "headroom lint" finds, and warns when an enabled autoscale setting of Azure's own has the same target.`;
