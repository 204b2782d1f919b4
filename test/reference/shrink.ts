import type { LogEvent } from '@headroom/core';
import type { LogMessage } from './duel.ts';

/** Most logs that are tried. */
const triesMax = 3_000;

/** A log with fewer messages, samples and rules that still `fails`. */
export function shrink(
  messages: readonly LogMessage[],
  fails: (log: readonly LogMessage[]) => boolean,
): readonly LogMessage[] {
  let tries = 0;
  const stillFails = (log: readonly LogMessage[]) => tries++ < triesMax && fails(log);
  let log = withoutSome(messages, stillFails);
  const rules = Math.max(0, ...log.flatMap(({ events }) => events.map(rulesOf)));
  for (let rule = rules - 1; rule >= 0; rule--) {
    const fewer = log.map((message) => ({
      ...message,
      events: message.events.map((event) => withoutRule(event, rule)),
    }));
    if (stillFails(fewer)) log = fewer;
  }
  return withoutSome(log.flatMap(oneByOne), stillFails);
}

/** Leaves out half, a quarter … one of the list, wherever the rest still fails. */
function withoutSome<T>(list: readonly T[], fails: (list: readonly T[]) => boolean): readonly T[] {
  let kept = list;
  for (let size = Math.ceil(list.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)];
      if (fails(fewer)) kept = fewer;
      else at += size;
    }
  }
  return kept;
}

/** A message's frame in pieces of one sample, where it has nothing else. */
function oneByOne(message: LogMessage): readonly LogMessage[] {
  const [event] = message.events;
  if (message.events.length !== 1 || event?.kind !== 'frame') return [message];
  return event.samples.map((sample, index) => ({
    ...message,
    sequence: message.sequence + index / event.samples.length,
    events: [{ ...event, first: sample.position, last: sample.position, samples: [sample] }],
  }));
}

function rulesOf(event: LogEvent): number {
  if (event.kind !== 'setting' || event.version.content.kind !== 'setting') return 0;
  return Math.max(...event.version.content.setting.profiles.map(({ rules }) => rules.length));
}

function withoutRule(event: LogEvent, rule: number): LogEvent {
  if (event.kind !== 'setting' || event.version.content.kind !== 'setting') return event;
  const { content } = event.version;
  const profiles = content.setting.profiles.map((profile) => ({
    ...profile,
    rules: profile.rules.filter((_, index) => index !== rule),
  }));
  const setting = { ...content.setting, profiles };
  return { ...event, version: { ...event.version, content: { ...content, setting } } };
}
