import { assess } from '@headroom/scenario';
import type { Assessment, TargetHistory } from '@headroom/scenario';
import { renderSection } from '../report/render-report.ts';
import type { ReportedSetting } from '../report/render-report.ts';

/**
 * Assesses a history and makes its part of the report. What only charts need is left out of the answer: months of samples of
 * many settings do not fit into memory.
 */
export function assessedSetting(history: TargetHistory, id: string): ReportedSetting {
  const assessment = assess(history);
  return { assessment: withoutCharts(assessment), id, section: renderSection(assessment, id) };
}

function withoutCharts({ history, backtest, ...found }: Assessment): Assessment {
  return {
    ...found,
    history: { ...history, samples: [], observed: [], events: [], formerProfiles: [] },
    backtest:
      backtest.kind === 'refused'
        ? backtest
        : { kind: 'run', run: { ...backtest.run, capacities: [], decisions: [] } },
  };
}
