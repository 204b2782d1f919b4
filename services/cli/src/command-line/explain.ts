import { explain, type ExplainOptions } from '../commands/explain.ts';
import type { Add } from './add.ts';
import { dataOption } from './arguments.ts';

export const addExplain: Add = (root, around, done) => {
  root
    .command('explain')
    .description('say why a decision is what it is, and what would have changed it')
    .argument('<id>', 'of a decision or an outcome; its first 8 characters or more suffice')
    .addOption(dataOption())
    .addHelpText('after', explainHelp)
    .action(async (id: string, options: ExplainOptions) => {
      done(await explain(id, options, around));
    });
};

const explainHelp = `
Which rules fired and by how much, what held the decision back and until when, and the nearest flip: the smallest change of
a metric, a threshold or the time that would have changed the outcome. Each was tried by deciding again.`;
