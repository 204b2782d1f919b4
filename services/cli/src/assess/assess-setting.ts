import { assess } from '@headroom/scenario';
import type { TargetHistory } from '@headroom/scenario';
import { renderSection } from '../report/render-report.ts';
import { withoutSamples } from './assessed-setting.ts';
import type { AssessedSetting } from './assessed-setting.ts';

/** Assesses a history and makes its part of the report, while its samples are at hand. */
export function assessSetting(history: TargetHistory, id: string): AssessedSetting {
  const assessment = assess(history);
  return { assessment: withoutSamples(assessment), section: renderSection(assessment, id) };
}
