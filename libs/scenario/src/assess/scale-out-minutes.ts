import { after } from '@headroom/core';
import type { Instant, Millis, Rule } from '@headroom/core';
import type { ScaleOutMinutes } from './assessment.ts';
import type { AzureOperation } from './azure-operations.ts';
import { rulesOf } from './rule-values.ts';
import type { RuleValues } from './rule-values.ts';

/**
 * Where the time of a scale-out went, from the begin of the first grain over a threshold to the end of the operation:
 *
 *   first grain over ── window ──► window over ── data age ──► Azure could know ── cooldown ──► free to act ── engine ──► begin ── provisioning ──► end
 *
 * The parts add up. Where the load was over already when the operation before began, that is where the time counts from.
 * `undefined`: no rule's window was over, as where a bound or the default raised the count.
 */
export function scaleOutMinutes(
  operation: AzureOperation,
  before: AzureOperation | undefined,
  dataAgeMs: Millis,
  values: RuleValues,
): ScaleOutMinutes | undefined {
  const { at, from } = operation;
  const since = before?.at ?? (-Infinity as Instant);
  const first = rulesOf(values.profileAt(at), 'out', from)
    .flatMap((rule) => overSince(rule, operation, since, values) ?? [])
    .sort((a, b) => a.windowAt - b.windowAt)[0];
  if (first === undefined) return undefined;
  const grainAt = Math.min(at, Math.max(first.grainAt, since));
  const windowAt = Math.min(at, Math.max(first.windowAt, grainAt));
  const knownAt = Math.min(at, after(windowAt as Instant, dataAgeMs));
  const freeAt = Math.min(at, Math.max(knownAt, freeFrom(before, first.rule)));
  return {
    windowMs: windowAt - grainAt,
    dataAgeMs: knownAt - windowAt,
    cooldownMs: freeAt - knownAt,
    engineMs: at - freeAt,
    ...(operation.endIsTold ? { provisioningMs: operation.endsAt - at } : {}),
  };
}

interface OverSince {
  readonly rule: Rule;
  /** Begin of the first grain over the threshold. */
  readonly grainAt: Instant;
  /** End of the first window over it. */
  readonly windowAt: Instant;
}

function overSince(
  rule: Rule,
  { at, from }: AzureOperation,
  since: Instant,
  values: RuleValues,
): OverSince | undefined {
  const crossed = values.crossing(rule, at, since, from);
  const windowAt = crossed === undefined ? undefined : values.windowsOf(rule).frontier(crossed);
  if (windowAt === undefined) return undefined;
  const grains = values.grainsOf(rule);
  const { timeGrainMs, timeWindowMs } = rule.trigger;
  const oldest = after(windowAt, timeGrainMs - timeWindowMs);
  let place = grains.placeAt(windowAt);
  while (
    (grains.frontier(place - 1) ?? -Infinity) >= oldest &&
    values.fires(rule, grains, place - 1, from)
  )
    place--;
  const grainAt = after(grains.frontier(place) ?? windowAt, -timeGrainMs);
  return { rule, grainAt, windowAt };
}

/** When the operation before had ended and its cooldown was over. */
function freeFrom(before: AzureOperation | undefined, { action }: Rule): number {
  if (before === undefined) return -Infinity;
  return Math.max(before.endsAt, before.at + action.cooldownMs);
}
