import type { Action } from '../reference/azure-engine/autoscale-engine.ts';
import type { Recording } from '../reference/azure-engine/run-setting.ts';
import type { Told, ToldAction, ToldSetting } from './headroom-assess.ts';

/** What the engine did in one setting, kept while its metrics are let go. */
export interface Done {
  readonly id: string;
  readonly shape: string;
  readonly actions: readonly Action[];
}

export function doneOf({ member, actions }: Recording): Done {
  return { id: member.setting.id.toLowerCase(), shape: member.shape, actions };
}

/** Of every action of the engine, what was said of it. */
export interface Verdicts {
  readonly actions: number;
  readonly reproduced: number;
  /** By cause. */
  readonly explained: ReadonlyMap<string, number>;
  readonly unexplained: readonly string[];
  /** Left out of the answer, or told with other counts. */
  readonly untold: readonly string[];
  /** Told of, though the engine did no such thing. */
  readonly invented: readonly string[];
}

/**
 * The engine's own record is what is counted, not what the command tells: an action that it keeps quiet about is none that it
 * explained. `since`: of the actions from then on.
 */
export function verdictsOn(done: readonly Done[], told: Told, since = 0): Verdicts {
  const explained = new Map<string, number>();
  const [unexplained, untold, invented]: string[][] = [[], [], []];
  let [actions, reproduced] = [0, 0];
  for (const { id, shape, actions: own } of done) {
    const setting = told.settings.find((each) => each.id === id);
    const byTime = new Map(setting?.actions.map((action) => [Date.parse(action.at), action]));
    for (const action of own.filter(({ startedAt }) => startedAt >= since)) {
      actions++;
      const found = byTime.get(action.startedAt);
      byTime.delete(action.startedAt);
      const text = `${shape} ${new Date(action.startedAt).toISOString()} ${action.from}→${action.to} (${action.why})`;
      if (found?.from !== action.from || found.to !== action.to) untold!.push(text);
      else if (found.finding.kind === 'reproduced') reproduced++;
      else if (found.finding.kind === 'unexplained') {
        unexplained!.push(`${text}: ${found.finding.text}`);
      } else {
        const { by } = found.finding;
        explained.set(by, (explained.get(by) ?? 0) + 1);
      }
    }
    invented!.push(...inventedIn(shape, byTime.values(), since));
  }
  const texts = { unexplained: unexplained!, untold: untold!, invented: invented! };
  return { actions, reproduced, explained, ...texts };
}

function inventedIn(shape: string, left: Iterable<ToldAction>, since: number): readonly string[] {
  return [...left]
    .filter(({ at }) => Date.parse(at) >= since)
    .map(({ at, from, to }) => `${shape} ${at} ${from}→${to}`);
}

/** The share of the engine's actions that were reproduced or explained. */
export function shareOf({ actions, reproduced, explained }: Verdicts): number {
  const others = [...explained.values()].reduce((sum, count) => sum + count, 0);
  return actions === 0 ? 1 : (reproduced + others) / actions;
}

/** Instance-hours of the setting's own backtest by those of the history. */
export function backtestRatios(settings: readonly ToldSetting[]): readonly number[] {
  return settings.flatMap(({ backtest, instanceHours }) =>
    backtest.kind === 'run' && instanceHours !== undefined && instanceHours > 0
      ? [backtest.figures.instanceHours / instanceHours]
      : [],
  );
}

/** Why backtests were refused, with how many were. */
export function refusals(settings: readonly ToldSetting[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { backtest } of settings) {
    if (backtest.kind === 'run') continue;
    // Ids and figures differ from setting to setting.
    const why = backtest.why
      .replace(/ of \/\S+/g, '')
      .replace(/\d[\d.,]*/g, 'N')
      .slice(0, 160);
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return counts;
}
