import { Option } from 'commander';
import { importSettings, type ImportOptions } from '../commands/import.ts';
import type { Add } from './add.ts';
import { dataOption, modeOf } from './arguments.ts';

export const addImport: Add = (root, around, done) => {
  root
    .command('import')
    .description('take over autoscale settings of Azure, to observe them at first')
    .argument(
      '[file...]',
      'JSON of "az monitor autoscale show" or "list": an object, an array or {"value": […]}',
    )
    .option('--subscription <id>', 'ask Azure Resource Manager for all of a subscription')
    .option('--resource-group <name>', 'of the subscription, this resource group only')
    .addOption(
      new Option(
        '--mode <mode>',
        'act or observe; when not given, a new setting observes and the others keep theirs',
      ).argParser(modeOf),
    )
    .option('--dry-run', 'say what would be imported, and write nothing', false)
    .addOption(dataOption())
    .addHelpText('after', importHelp)
    .action(async (files: readonly string[], options: ImportOptions) => {
      done(await importSettings(files, options, around));
    });
};

const importHelp = `
Writes nothing to Azure. The role Monitoring Reader is enough. A setting that is refused is told with its place, and the
exit code is 1; the others are imported. Policies and overrides in force stay. What Headroom cannot scale only observes.
Where the system at hand is a local one, its own Azure is asked; for yours:
  az monitor autoscale list --resource-group G > settings.json && headroom import settings.json`;
