import { durationText } from '../lang/duration-text.ts';
import { after, minuteMs, secondMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';
import { isInForce } from '../setting/override.ts';
import type { Override, PinOverride } from '../setting/override.ts';
import type { DecideInput } from './decide-input.ts';
import type { Judgement } from './judgement.ts';
import type { InFlight, TargetState } from './decision.ts';

/** A command that was not begun by then is not begun at all. */
export const startWithinMs = 2 * minuteMs;

/** How long after `startBy` a command that nobody started is still waited for. */
const startGraceMs = 30 * secondMs;

/** An unanswered `read` is asked again after this. */
export const readPatienceMs = 30 * secondMs;

/** When a command that nobody started is given up, once the capacity was seen: that it did not happen is not known before. */
export function giveUpAt({ startBy }: Pick<InFlight, 'startBy'>): Instant {
  return after(startBy, startGraceMs);
}

export function isOverdue(inFlight: Pick<InFlight, 'startBy' | 'started'>, now: Instant): boolean {
  return !inFlight.started && now >= giveUpAt(inFlight);
}

/** A capacity that was not confirmed for so long is asked for again, without holding. */
export const capacityConfirmMs = minuteMs;

type Overridden = Pick<DecideInput, 'overrides' | 'now'>;
type ForPeople = Overridden & { readonly setting: { readonly enabled: boolean } };

/** Step 1: the setting is switched off, or somebody put a pause or a freeze above it. */
export function holdForPeople(judgement: Judgement, input: ForPeople): Judgement | undefined {
  const { setting, overrides, now } = input;
  for (const { at, until } of overrides) {
    if (now < until) judgement.due(at > now ? at : until);
  }
  if (!setting.enabled) {
    judgement.note('enabled', () => 'the setting is disabled');
    return judgement.hold('Disabled');
  }
  const paused = inForce(input, 'pause');
  const stopped = paused ?? inForce(input, 'freeze');
  if (stopped === undefined) return undefined;
  const what = paused === undefined ? 'frozen' : 'paused';
  judgement.note('override', stoppedText, what, stopped, now);
  return judgement.hold(paused === undefined ? 'Frozen' : 'Paused');
}

/** Step 2: the capacity is known, one operation runs at a time, and after a failure there is a pause that doubles. */
export function holdForTarget(
  judgement: Judgement,
  { state, now }: Pick<DecideInput, 'state' | 'now'>,
): Judgement | undefined {
  if (state.capacity.kind === 'unknown') {
    judgement.note('capacity', () => 'not known: ask the provider');
    return judgement.askCapacity().hold('CapacityUnknown');
  }
  const confirmAt = after(state.capacity.observedAt, capacityConfirmMs);
  if (now >= confirmAt) judgement.askCapacity();
  return holdForOperation(judgement, state, now) ?? holdForBackoff(judgement, state, now);
}

/** The pin in force. */
export function pinOf(input: Overridden): PinOverride | undefined {
  return inForce(input, 'pin');
}

/** `by ops until 2026-01-05T10:00:00.000Z: drill`. */
export function overrideText({ owner, until, reason }: Override, now: Instant): string {
  return `by ${owner} for ${durationText(until - now)} more: ${reason}`;
}

export function inForce<Kind extends Override['kind']>({ overrides, now }: Overridden, kind: Kind) {
  return overrides.find(
    (override): override is Extract<Override, { kind: Kind }> =>
      override.kind === kind && isInForce(override, now),
  );
}

function holdForOperation(judgement: Judgement, { inFlight }: TargetState, now: Instant) {
  if (inFlight === undefined) return undefined;
  const { to, started } = inFlight;
  judgement.note('inFlight', operationText, to, started);
  if (isOverdue(inFlight, now)) judgement.askCapacity();
  else if (!started) judgement.due(giveUpAt(inFlight));
  return judgement.hold('InFlight');
}

function holdForBackoff(judgement: Judgement, { backoff }: TargetState, now: Instant) {
  if (backoff === undefined || now >= backoff.until) return undefined;
  const { failures, until } = backoff;
  judgement.note('backoff', backoffText, failures, until - now);
  return judgement.due(until).hold('Backoff');
}

function stoppedText(what: string, stopped: Override, now: Instant): string {
  return `${what} ${overrideText(stopped, now)}`;
}

function operationText(to: number, started: boolean): string {
  return `a scale to ${to} is ${started ? 'running' : 'queued'}`;
}

function backoffText(failures: number, leftMs: Millis): string {
  return `${failures} failed in a row: wait ${durationText(leftMs)} more`;
}
