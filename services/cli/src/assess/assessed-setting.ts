import { assess } from '@headroom/scenario';
import type { Assessment, TargetHistory } from '@headroom/scenario';
import { renderSetting } from '../report/render-report.ts';
import type { RenderedSetting } from '../report/render-report.ts';

/**
 * Assesses a history and makes its part of the report. What only charts need is left out of the answer: months of samples of
 * many settings do not fit into memory.
 */
export function assessedSetting(history: TargetHistory, id: string): RenderedSetting {
  const rendered = renderSetting(assess(history), id);
  return { ...rendered, assessment: withoutCharts(rendered.assessment) };
}

function withoutCharts({ history, backtest, ...found }: Assessment): Assessment {
  return {
    ...found,
    history: { ...history, samples: [], observed: [] },
    backtest:
      backtest.kind === 'refused'
        ? backtest
        : { kind: 'run', run: { ...backtest.run, capacities: [], decisions: [] } },
  };
}
