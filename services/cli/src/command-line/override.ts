import { Option, type Command } from 'commander';
import type { Millis, OverrideKind } from '@headroom/core';
import { clearScope, freezeScope, overrideTarget } from '../commands/override.ts';
import { listOverrides, type ListOptions } from '../commands/override-list.ts';
import { overrideKinds } from '../text/override-text.ts';
import type { Add } from './add.ts';
import { dataOption, duration, userName, wholeNumber } from './arguments.ts';

export const addOverride: Add = (root, around, done) => {
  const override = root
    .command('override')
    .description('put something above a setting for a while: pause, pin, freeze, confirm')
    .addHelpText('after', overrideHelp);
  withTerm(override.command('pause'))
    .description('decide nothing for one target')
    .argument('<target>', targetText)
    .action(async (target: string, given: TermArguments) => {
      done(await overrideTarget(target, { kind: 'pause' }, termOptions(given), around));
    });
  withTerm(override.command('pin'))
    .description('bring one target to a count, and keep it there')
    .argument('<target>', targetText)
    .argument(
      '<count>',
      'within the bounds of the profile; calls/s of each limit of an account',
      wholeNumber(0),
    )
    .action(async (target: string, to: number, given: TermArguments) => {
      done(await overrideTarget(target, { kind: 'pin', to }, termOptions(given), around));
    });
  withTerm(override.command('freeze'))
    .description('decide nothing for every target of a scope that has a setting now')
    .argument('<scope>', scopeText)
    .action(async (scope: string, given: TermArguments) => {
      done(await freezeScope(scope, termOptions(given), around));
    });
  withTerm(override.command('confirm'))
    .description('let limits of an account rise although a caller is far above its history')
    .argument('<account>', targetText)
    .action(async (target: string, given: TermArguments) => {
      done(await overrideTarget(target, { kind: 'confirm' }, termOptions(given), around));
    });
  override
    .command('clear')
    .description('end overrides before their time')
    .argument('<scope>', scopeText)
    .addOption(new Option('--kind <kind>', 'all kinds when not given').choices(overrideKinds))
    .addOption(dataOption())
    .action(
      async (scope: string, given: { readonly data: string; readonly kind?: OverrideKind }) => {
        done(await clearScope(scope, given, around));
      },
    );
  override
    .command('list')
    .description('print what is in force: who, why, until when')
    .option('--target <scope>', scopeText)
    .option('--json', 'NDJSON', false)
    .addOption(dataOption())
    .action(async (given: ListOptions) => done(await listOverrides(given, around)));
};

const targetText = 'ARM id, or an ending that one target only has: chat/blue';
const scopeText = 'a target, or the beginning of ARM ids: an endpoint, a workspace, a subscription';

const overrideHelp = `
  headroom override pause chat/blue --for 2h --reason "load test"
  headroom override pin chat/blue 6 --for 30m --reason "a launch at noon"
  headroom override confirm vision --for 1h --reason "their launch, they called"
  headroom override freeze /subscriptions/S/resourceGroups/RG --for 1d --reason "an incident"

An override ends by itself. One of each kind is in force at most: a newer one takes the place of the older. Pause and freeze
come before a pin. What a freeze does not reach: settings that are applied after it.`;

interface TermArguments {
  readonly data: string;
  readonly for: Millis;
  readonly reason: string;
  readonly owner?: string;
}

function withTerm(command: Command): Command {
  return command
    .requiredOption('--for <duration>', '30m, 2h, 1d: at most 30 days', duration)
    .requiredOption('--reason <text>', 'why, for whoever reads it at night')
    .option('--owner <name>', 'who; your user name when not given')
    .addOption(dataOption());
}

function termOptions({ data, for: forMs, reason, owner }: TermArguments) {
  return { data, forMs, reason, owner: owner ?? userName() };
}
