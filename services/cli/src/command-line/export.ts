import { exportSettings, type ExportOptions } from '../commands/export.ts';
import type { Add } from './add.ts';
import { dataOption } from './arguments.ts';

export const addExport: Add = (root, around, done) => {
  root
    .command('export')
    .description('print the ARM JSON of settings, accounts and pools as it was written')
    .argument('[target...]', 'ARM id, or an ending that one target only has: chat/blue')
    .option('--all', 'every setting, account and pool; always an array', false)
    .option('--out <dir>', 'one file each in this folder, instead of printing')
    .addOption(dataOption())
    .addHelpText('after', exportHelp)
    .action(async (targets: readonly string[], options: ExportOptions) => {
      done(await exportSettings(targets, options, around));
    });
};

const exportHelp = `
One target is printed as an object, several as an array. What Azure added to a document (id, type) is in it still:
az rest --method put --url "https://management.azure.com$ID?api-version=2022-10-01" --body @setting.json`;
