import type { Instant, Millis } from '../lang/instant.ts';
import type { Reading } from '../evaluation/reading.ts';
import type { ActiveProfile } from '../setting/active-profile.ts';
import type { AutoscaleSetting, Rule } from '../setting/autoscale-setting.ts';
import type { Override } from '../setting/override.ts';
import type { Policy } from '../setting/policy.ts';
import type { TargetState } from './decision.ts';

/** Everything that a decision depends on. */
export interface DecideInput {
  readonly setting: AutoscaleSetting;
  readonly policy: Policy;
  readonly overrides: readonly Override[];
  /** `activeProfile(setting, now)`. */
  readonly active: ActiveProfile | undefined;
  /** `nextSwitch(setting, now)` where no profile applies. */
  readonly switchAt?: Instant | undefined;
  readonly state: TargetState;
  /**
   * Asked only when the metrics are: rules of the active profile, by index. `lastGoodMs`: how old data may be beyond what
   * is usual; 0 where the policy grants nothing.
   */
  readonly read: (rule: Rule, index: number, lastGoodMs: Millis) => Reading;
  /** Log time. */
  readonly now: Instant;
}
