import type { Assessment } from '@headroom/scenario';
import { ruledMetrics } from './metric-lines.ts';
import type { RuledMetric } from './metric-lines.ts';
import { profileSpans } from './profile-spans.ts';
import type { ProfileSpan } from './profile-spans.ts';

/** What all charts of one setting are drawn from; to find it takes longer than to draw it. */
export interface Charted {
  readonly assessment: Assessment;
  readonly metrics: readonly RuledMetric[];
  readonly profiles: readonly ProfileSpan[];
}

export function charted(assessment: Assessment): Charted {
  const { history } = assessment;
  return {
    assessment,
    metrics: ruledMetrics(history),
    profiles: profileSpans(history.setting, history.from, history.to),
  };
}
