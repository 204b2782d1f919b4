import { send, type SendOptions } from '../commands/send.ts';
import type { Add } from './add.ts';
import { dataOption } from './arguments.ts';

export const addSend: Add = (root, around, done) => {
  root
    .command('send')
    .description('publish a file of recorded Azure Monitor records to the hub')
    .argument('<file>', 'JSON ({"records":[…]}, arrays, bare records) or NDJSON, of any size')
    .addOption(dataOption())
    .option('--keep-times', 'send the times as they are', false)
    .option('--path <name>', 'how the data came: push, poll, export or another name', 'export')
    .addHelpText('after', sendHelp)
    .action(async (file: string, options: SendOptions) => done(await send(file, options, around)));
};

const sendHelp = `
Times are moved by whole minutes, so that the newest record ends within the minute before now. The path decides how old
data may be: push 1 minute, export 15 minutes, others 5. Records that cannot be sent are named with their lines.`;
