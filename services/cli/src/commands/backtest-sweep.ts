import type { BacktestRun } from '@headroom/scenario';
import { paretoFront, sweepPoints } from '@headroom/scenario';
import type { BacktestArguments, ReadBacktest } from '../backtest/read-backtest.ts';
import { runSweep } from '../backtest/run-sweep.ts';
import type { SweptPoint } from '../backtest/run-sweep.ts';
import { sweepAxes } from '../backtest/sweep-axes.ts';
import { CommandFailed } from '../command-failed.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { withIsoTimes } from '../text/iso-times.ts';
import { printableIn } from '../text/printable.ts';
import { colorsOf } from '../view/colors.ts';
import { openSteps } from '../view/step-progress.ts';
import { sweepDocument, sweepLines } from '../view/sweep-lines.ts';

/** `--sweep`: of the candidate where one is given, else of the current setting; beside the current one, which was run. */
export async function sweep(
  current: BacktestRun,
  { asked: { history }, contenders, options }: ReadBacktest,
  args: BacktestArguments,
  around: Surroundings,
): Promise<ExitCode> {
  const [own, candidate = own, ...more] = contenders;
  if (more.length > 0) throw new CommandFailed('--sweep varies one setting: give one --candidate');
  const axes = sweepAxes(args.sweep === true ? [] : (args.sweep ?? []), candidate.setting);
  const points = sweepPoints(candidate.setting, axes);
  const progress = openSteps(points.length, 'settings run', around);
  const work = { history, policy: candidate.policy, options, points };
  const swept = await runSweep(work, (done) => progress.at(done)).finally(() => progress.close());
  if ('refused' in swept) throw new CommandFailed(`no backtest of the sweep: ${swept.refused}`);
  const { against, price, json } = args;
  const shown = {
    ...printableIn({ target: history.setting.target, against, models: current.models }),
    ...{ from: current.from, to: current.to, assumptions: current.assumptions },
    ...{ axes, current: current.figures },
    points: swept,
    front: new Set<SweptPoint>(paretoFront(swept)),
    ...(price === undefined ? {} : { price }),
  };
  if (json) around.out(`${JSON.stringify(sweepDocument(shown), withIsoTimes)}\n`);
  else around.out(`${sweepLines(shown, colorsOf(around)).join('\n')}\n`);
  return 0;
}
