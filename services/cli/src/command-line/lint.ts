import { Option } from 'commander';
import { lint, type LintArguments } from '../commands/lint.ts';
import type { Add } from './add.ts';

export const addLint: Add = (root, around, done) => {
  root
    .command('lint')
    .description('say what is wrong with an ARM autoscale setting, or will surprise')
    .argument('<file>', 'the setting as ARM JSON')
    .option('--policy <file>', "Headroom's own options for it, YAML or JSON: docs/options.md")
    .addOption(
      new Option('--path <name>', 'how its metrics come: not every metric comes every way').choices(
        ['push', 'poll', 'export'],
      ),
    )
    .option('--out <dir>', 'write the examples there, as scale tests for "headroom test"')
    .option('--strict', 'warnings fail, too', false)
    .option('--json', 'the findings as a JSON array', false)
    .addHelpText('after', lintHelp)
    .action(async (file: string, options: LintArguments) =>
      done(await lint(file, options, around)),
    );
};

const lintHelp = `
Needs no running system. An error is a part of the setting that cannot do what it says; a warning names a situation
in which it will do what is hardly meant; a note says what may surprise. Many come with an example that "headroom test"
runs. The exit code is 1 with an error, and with a warning where --strict is given. docs/lint.md lists everything.`;
