import type { Instant } from '@headroom/core';
import { backtest as backtestOf, backtestOwn, instanceHours } from '@headroom/scenario';
import type { Backtested } from '@headroom/scenario';
import { readBacktest } from '../backtest/read-backtest.ts';
import type { BacktestArguments, Contender, ReadBacktest } from '../backtest/read-backtest.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { withIsoTimes } from '../text/iso-times.ts';
import { printableIn } from '../text/printable.ts';
import { shortName } from '../text/target-name.ts';
import { backtestLines } from '../view/backtest-lines.ts';
import type { RecordedFigures, ShownBacktest, ShownRun } from '../view/backtest-lines.ts';
import { colorsOf } from '../view/colors.ts';
import { sweep } from './backtest-sweep.ts';

/** `headroom backtest SETTING --against HISTORY`. */
export async function backtest(
  setting: string,
  args: BacktestArguments,
  around: Surroundings,
): Promise<ExitCode> {
  const read = await readBacktest(setting, args, around);
  const [current, ...others] = read.contenders;
  const first = runFirst(current, read, args);
  if (first.kind === 'refused') return refuse(current, first.why, read, args, around);
  const runs: ShownRun[] = [{ name: current.name, run: first.run }];
  if (args.sweep !== undefined) return sweep(first.run, read, args, around);
  for (const other of others) {
    const result = backtestOf(read.asked.history, other, read.options);
    if (result.kind === 'refused') return refuse(other, result.why, read, args, around);
    runs.push({ name: other.name, run: result.run });
  }
  print(shownOf(runs, read, args), args, around);
  return 0;
}

/** What holds for the setting that was in force holds for no other one better. */
function runFirst(
  current: Contender,
  { asked, options }: ReadBacktest,
  args: BacktestArguments,
): Backtested {
  const { history, isOwn } = asked;
  return isOwn && !args.unchecked
    ? backtestOwn(history, current.policy, options)
    : backtestOf(history, current, options);
}

function shownOf(
  runs: readonly ShownRun[],
  read: ReadBacktest,
  { against, price }: BacktestArguments,
): ShownBacktest {
  const { history } = read.asked;
  const { from, to } = runs[0]?.run ?? history;
  const recorded = recordedFigures(read, from, to);
  return {
    ...{ target: history.setting.target, against, from, to, runs },
    ...(recorded === undefined ? {} : { recorded }),
    ...(price === undefined ? {} : { price }),
    notes: notesOf(runs, recorded, read),
  };
}

function recordedFigures(
  { asked: { history }, options }: ReadBacktest,
  from: Instant,
  to: Instant,
): RecordedFigures | undefined {
  if (options.capacity !== undefined) return undefined;
  const hours = instanceHours(history.capacities, from, to);
  const started = history.events.filter(
    ({ kind, at }) => kind === 'ScaleStarted' && at >= from && at < to,
  );
  if (started.length === 0) return { instanceHours: hours };
  const scaleOuts = started.filter(({ from: before = 0, to: next = 0 }) => next > before).length;
  return { instanceHours: hours, actions: { scaleOuts, scaleIns: started.length - scaleOuts } };
}

/** So far a setting may be from the record and still be taken for the one that was in force. */
const likelyInForce = 0.1;

function notesOf(
  runs: readonly ShownRun[],
  recorded: RecordedFigures | undefined,
  { asked: { history, isOwn } }: ReadBacktest,
): readonly string[] {
  const own = runs[0]?.run.figures.instanceHours ?? NaN;
  const notes = [...history.gaps];
  if (runs.length > 1)
    notes.push('* by the thresholds and windows of the current setting, for each of them');
  if (recorded !== undefined && Math.abs(own / recorded.instanceHours - 1) > likelyInForce) {
    const inForce = isOwn ? 'something else decided too' : 'it was hardly in force then';
    notes.push(
      `the current setting comes out at ${own.toFixed(1)} instance-hours where ${recorded.instanceHours.toFixed(1)} are on record: ${inForce}, or the load does not follow the instances as assumed`,
    );
  }
  return notes;
}

function print(shown: ShownBacktest, { json }: BacktestArguments, around: Surroundings): void {
  if (json) around.out(`${JSON.stringify(documentOf(shown), withIsoTimes)}\n`);
  else around.out(`${backtestLines(printableIn(shown), colorsOf(around)).join('\n')}\n`);
}

/** Without the decisions: a run has thousands. */
function documentOf({ runs, ...rest }: ShownBacktest): object {
  const shown = runs.map(({ name, run: { decisions, ...run } }) => ({
    name,
    ...run,
    actions: decisions.filter(({ outcome }) => outcome !== 'Hold').length,
  }));
  return { ...rest, runs: shown };
}

function refuse(
  { name }: Contender,
  why: string,
  { asked }: ReadBacktest,
  { json, against }: BacktestArguments,
  around: Surroundings,
): ExitCode {
  const target = asked.history.setting.target;
  const refused = { target, against, refused: { name, why } };
  if (json) around.out(`${JSON.stringify(refused)}\n`);
  else around.err(`${shortName(target)}: no backtest of ${name}: ${printableIn(why)}.\n`);
  return 1;
}
