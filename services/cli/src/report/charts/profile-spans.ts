import { activeProfile, nextSwitch, TimeZones } from '@headroom/core';
import type { AutoscaleSetting, Instant, Profile } from '@headroom/core';

/** A profile while it was in force. */
export interface ProfileSpan {
  readonly profile: Profile;
  readonly index: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** Switches that are looked at: 93 days with one every quarter of an hour. */
const switchesMax = 9_000;

/** Which profile was in force when; a time without one is left out. */
export function profileSpans(
  setting: AutoscaleSetting,
  from: Instant,
  to: Instant,
): readonly ProfileSpan[] {
  const zones = new TimeZones();
  const spans: ProfileSpan[] = [];
  let at = from;
  for (let switches = 0; switches < switchesMax && at < to; switches++) {
    const active = activeProfile(setting, at, zones);
    const next = active === undefined ? nextSwitch(setting, at, zones) : active.until;
    const end = Math.min(next ?? to, to) as Instant;
    if (active !== undefined) add(spans, { ...active, from: at, to: end });
    at = end;
  }
  return spans;
}

/** What of them lies within a part of that time. */
export function spansWithin(
  spans: readonly ProfileSpan[],
  from: Instant,
  to: Instant,
): readonly ProfileSpan[] {
  const inside = spans.filter((span) => span.to > from && span.from < to);
  return inside.map((span) => ({
    ...span,
    from: Math.max(span.from, from) as Instant,
    to: Math.min(span.to, to) as Instant,
  }));
}

/** A switch to the profile that is in force already is none. */
function add(spans: ProfileSpan[], { profile, index, from, to }: ProfileSpan): void {
  const last = spans.at(-1);
  const goesOn = last?.index === index && last.to === from;
  if (goesOn) spans[spans.length - 1] = { ...last, to };
  else spans.push({ profile, index, from, to });
}
