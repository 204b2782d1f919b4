import { setDefault, switchAutoscale } from '../commands/ratelimit.ts';
import { listAccounts, showAccount, type ShownOptions } from '../commands/ratelimit-show.ts';
import type { Add } from './add.ts';
import { callsPerSecond, dataOption, userName } from './arguments.ts';

export const addRatelimit: Add = (root, around, done) => {
  const ratelimit = root
    .command('ratelimit')
    .description('rate limits that follow demand, of AI services accounts')
    .addHelpText('after', ratelimitHelp);
  for (const [name, on] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    ratelimit
      .command(name)
      .description(
        on
          ? 'let the limits of an account rise while calls are blocked'
          : 'bring the limits of an account back to their defaults',
      )
      .argument('<account>', accountText)
      .addOption(dataOption())
      .action(async (account: string, given: { readonly data: string }) => {
        done(await switchAutoscale(account, on, given, around));
      });
  }
  ratelimit
    .command('show')
    .description('print rules, limits in force, policy and the last decisions of an account')
    .argument('<account>', accountText)
    .option('--json', 'one JSON object', false)
    .addOption(dataOption())
    .action(async (account: string, given: ShownOptions) => {
      done(await showAccount(account, given, around));
    });
  ratelimit
    .command('list')
    .description('print every account that is known')
    .option('--json', 'NDJSON', false)
    .addOption(dataOption())
    .action(async (given: ShownOptions) => done(await listAccounts(given, around)));
  ratelimit
    .command('set-default')
    .description('write a higher default that was approved for one limit')
    .argument('<account>', accountText)
    .argument('<key>', 'the key of the rule, such as default')
    .argument(
      '<tps>',
      "calls a second; the limit's own default takes an approval back",
      callsPerSecond,
    )
    .requiredOption('--because <text>', 'why, for whoever reads it at night')
    .option('--owner <name>', 'who approved it; your user name when not given')
    .addOption(dataOption())
    .action(async (account: string, key: string, tps: number, given: Approval) => {
      const approved = { ...given, owner: given.owner ?? userName() };
      done(await setDefault(account, key, tps, approved, around));
    });
};

interface Approval {
  readonly data: string;
  readonly because: string;
  readonly owner?: string;
}

const accountText = 'ARM id, or its name where one account only has it';

const ratelimitHelp = `
  az resource show --ids ACCOUNT > account.json && headroom apply account.json
  headroom ratelimit enable vision
  headroom ratelimit set-default vision default 40 --because "approved in ticket 4711"
  headroom ratelimit show vision

Off is the default. The switch is properties.dynamicThrottlingEnabled of the account. docs/rate-limits.md has the policy.`;
