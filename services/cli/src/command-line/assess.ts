import { assess, type AssessOptions } from '../commands/assess.ts';
import type { Add } from './add.ts';
import { dataOption, subscriptionId, wholeNumber } from './arguments.ts';

/** As long as Azure Monitor keeps platform metrics. */
const daysMost = 93;

export const addAssess: Add = (root, around, done) => {
  root
    .command('assess')
    .description('what Headroom would have done beside Azure’s own autoscale; reads only')
    .requiredOption('--subscription <id>', 'whose autoscale settings are assessed', subscriptionId)
    .option('--resource-group <name>', 'those of this resource group only')
    .option('--setting <name...>', 'those of these names only')
    .option('--days <number>', 'how far back', wholeNumber(1, daysMost), 30)
    .option('--offline', 'from what was fetched before, without asking Azure', false)
    .option('--out <file>', 'where the report goes, as HTML', 'headroom-assess.html')
    .option('--json <file>', 'write what was found as JSON, too')
    .addOption(dataOption())
    .addHelpText('after', assessHelp)
    .action(async (options: AssessOptions) => {
      done(await assess(options, around));
    });
};

const assessHelp = `
Needs the roles Reader and Monitoring Reader and nothing installed; nothing is written to Azure. It signs in as the Azure
CLI or a managed identity does (DefaultAzureCredential); where the system at hand is a local one, its own Azure is asked.
What was fetched is kept in DIR/assess: days that are over are fetched once. docs/assess.md says how it judges.`;
