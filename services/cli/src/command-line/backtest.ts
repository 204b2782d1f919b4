import { InvalidArgumentError, Option } from 'commander';
import { statedModels } from '@headroom/scenario';
import type { StatedModel } from '@headroom/scenario';
import { parsePrice } from '../backtest/price.ts';
import type { Price } from '../backtest/price.ts';
import type { BacktestArguments } from '../backtest/read-backtest.ts';
import { backtest } from '../commands/backtest.ts';
import type { Add } from './add.ts';
import { dataOption, duration, when, wholeNumber } from './arguments.ts';

export const addBacktest: Add = (root, around, done) => {
  root
    .command('backtest')
    .description('run a setting over what is on record, beside others and at a price')
    .argument('<setting>', 'the current setting: a file of ARM JSON, or the name of a target')
    .requiredOption(
      '--against <history>',
      'a CSV or NDJSON file of samples, the folder that "headroom assess" fetched into, or "recorded": the log of the system at hand',
    )
    .addOption(
      new Option('--candidate <file>', 'another setting beside it; may be given again')
        .argParser(collected)
        .default([], 'none'),
    )
    .option('--policy <file>', "Headroom's own options, of the candidates where there are some")
    .addOption(
      new Option('--price <amount>', 'of an instance an hour: 0.526 or "0.526 EUR"').argParser(
        price,
      ),
    )
    .option('--capacity <n>', 'instances all the time, where nobody recorded them', wholeNumber(1))
    .option('--provisioning <time>', 'how long an operation takes; else as on record', duration)
    .option('--data-age <time>', 'from the end of a minute until its metric is there', duration)
    .addOption(
      new Option(
        '--model <metric=model>',
        'how a metric follows the instances: shared or independent; may be given again',
      )
        .argParser(model)
        .default(new Map(), 'by the name'),
    )
    .option('--days <n>', 'the last days of the history', wholeNumber(1, daysMax))
    .option('--since <when>', 'that long ago, or ISO 8601', when(around))
    .option('--until <when>', 'the same', when(around))
    .option(
      '--sweep [axis...]',
      'many settings: threshold=60..80:5 window=PT5M,PT10M cooldown.in=5m,10m',
    )
    .option('--unchecked', 'go on where the setting does not come out as on record', false)
    .option('--json', 'one JSON document', false)
    .addOption(dataOption())
    .addHelpText('after', backtestHelp)
    .action(async (setting: string, options: BacktestArguments) => {
      done(await backtest(setting, options, around));
    });
};

/** Azure Monitor keeps as many. */
const daysMax = 93;

function collected(file: string, before: readonly string[]): readonly string[] {
  return [...before, file];
}

function price(text: string): Price {
  const parsed = parsePrice(text);
  if (parsed.ok) return parsed.value;
  throw new InvalidArgumentError(parsed.error);
}

function model(text: string, before: ReadonlyMap<string, StatedModel>) {
  const at = text.lastIndexOf('=');
  const said = statedModels.find((one) => one === text.slice(at + 1).trim());
  const metric = text.slice(0, Math.max(0, at)).trim();
  if (said === undefined || metric === '') {
    throw new InvalidArgumentError(
      'Expected METRIC=shared, where each instance has its share of it, or METRIC=independent.',
    );
  }
  return new Map([...before, [metric.toLowerCase(), said]]);
}

const backtestHelp = `
What would have been is only as good as what is known of how the load follows the instances: a percentage of CPU is shared
among them, a total of calls is not, a latency is fitted, and what is not known is refused with the reason. Nothing is
written anywhere. Each axis of --sweep is threshold, window or cooldown, of the rules .out, .in or an index, and its values:
60..80:5, a list, or x1.1 for 1.1 times what it is. The exit code is 1 where it is refused. docs/backtest.md says it all.`;
