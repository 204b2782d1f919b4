import { targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import type { Backtested } from '@headroom/scenario';
import { shortName } from '../text/target-name.ts';

export interface RefusalText {
  readonly why: string;
  /** The command by which somebody who knows the metric says so; there may be none. */
  readonly advice?: string;
}

/** Why a setting was not backtested, for a line. `data`: the folder with its history. */
export function refusalText(backtest: Backtested, target: TargetId, data: string): RefusalText {
  if (backtest.kind === 'run') return { why: '' };
  const { why, metric: of } = backtest;
  if (of === undefined) return { why };
  const { metric, resource, models } = of;
  const name = `${metric} of ${shortName(targetId(resource))}`;
  const [first, ...others] = models;
  if (first === undefined) return { why: `${name} is not in the history` };
  const or = others.map((other) => ` (or =${other})`).join('');
  const advice = `who knows it can say so: headroom backtest ${shortName(target)} --against ${data} --model "${metric}=${first}"${or}`;
  return { why: `how ${name} follows the instances is not known`, advice };
}
