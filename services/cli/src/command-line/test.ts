import { test, type TestOptions } from '../commands/test.ts';
import type { Add } from './add.ts';

export const addTest: Add = (root, around, done) => {
  root
    .command('test')
    .description(
      'run scale tests: what a setting or limits do over metrics and calls that are written down',
    )
    .argument('<file...>', 'YAML files of scale tests')
    .option('--junit <file>', 'write the results as JUnit XML, too')
    .addHelpText('after', testHelp)
    .action(async (files: readonly string[], options: TestOptions) => {
      done(await test(files, options, around));
    });
};

const testHelp = `
Needs no running system and no time: the log of a test is made up, and decided on as the services do. A failure is shown
with what happened around it. The exit code is 1 when a test fails or a file cannot be read. docs/scale-tests.md has every key.`;
