import { audit, type AuditOptions } from '../commands/audit.ts';
import type { Add } from './add.ts';
import { dataOption, when } from './arguments.ts';

export const addAudit: Add = (root, around, done) => {
  root
    .command('audit')
    .description('print decisions and outcomes with their reasons, oldest first')
    .addOption(dataOption())
    .option('--target <id>', 'ARM id, or an ending that one target only has: chat/blue')
    .option('--since <when>', 'that long ago, or ISO 8601; 1h when not given', when(around))
    .option('--until <when>', 'the same; now when not given', when(around))
    .option(
      '--shadow <name>',
      'what a shadow of that name decided; nothing of shadows when not given',
    )
    .option('--json', 'NDJSON: the records as they are kept', false)
    .action(async (options: AuditArguments) => {
      const since = options.since ?? when(around)('1h');
      done(await audit({ ...options, since }, around));
    });
};

type AuditArguments = Omit<AuditOptions, 'since'> & Partial<Pick<AuditOptions, 'since'>>;
