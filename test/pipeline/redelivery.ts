import type {
  Frame,
  Instant,
  LogEvent,
  LoggedEvent,
  PartitionFold,
  PositionedSample,
  TopicMessage,
} from '@headroom/core';

/** Events that become known together. */
export interface MessageOfSeveral {
  readonly sequence: number;
  readonly enqueuedAt: Instant;
  readonly events: readonly LogEvent[];
}

export function foldInMessages(
  fold: PartitionFold,
  messages: readonly MessageOfSeveral[],
): readonly TopicMessage[] {
  return messages.flatMap(({ sequence, enqueuedAt, events }) =>
    fold.applyMessage(sequence, enqueuedAt, events),
  );
}

/** Frames that follow each other become one message: of several sources, and of one. */
export function together(events: readonly LoggedEvent[]): readonly MessageOfSeveral[] {
  const messages: MessageOfSeveral[] = [];
  for (const { sequence, enqueuedAt, event } of events) {
    const before = messages.at(-1);
    const joins = event.kind === 'frame' && before?.events.at(-1)?.kind === 'frame';
    if (!joins || before.events.length >= 3) {
      messages.push({ sequence, enqueuedAt, events: [event] });
    } else {
      messages[messages.length - 1] = { sequence, enqueuedAt, events: [...before.events, event] };
    }
  }
  return messages;
}

/**
 * The same messages as routers that start again, or work beside each other for a while, would send them: what was sent comes
 * again in pieces of other sizes that may reach into what is new; new samples come in one piece or in several; frames of
 * several sources change places.
 */
export function redelivered(
  messages: readonly MessageOfSeveral[],
  choose: () => number,
): readonly MessageOfSeveral[] {
  const sent = new Map<string, PositionedSample[]>();
  return messages.map((message) => {
    if (!message.events.every(isFrame)) {
      return {
        ...message,
        events: [...old(sent, choose), ...message.events, ...old(sent, choose)],
      };
    }
    const bySource = new Map<string, LogEvent[]>();
    for (const frame of message.events) {
      const pieces = bySource.get(frame.source) ?? [];
      bySource.set(frame.source, pieces);
      pieces.push(...inPieces(frame, sent.get(frame.source) ?? [], choose));
      sent.set(frame.source, [...(sent.get(frame.source) ?? []), ...frame.samples]);
    }
    const sources = [...bySource.values()];
    if (choose() % 2 === 0) sources.reverse();
    return { ...message, events: [...sources.flat(), ...old(sent, choose)] };
  });
}

/** A frame whose first piece begins with samples that were sent before. */
function inPieces(
  frame: Frame,
  before: readonly PositionedSample[],
  choose: () => number,
): readonly Frame[] {
  const overlap = Math.min(before.length, choose() % 4);
  const cut = choose() % (frame.samples.length + 1);
  const first = [...before.slice(before.length - overlap), ...frame.samples.slice(0, cut)];
  const rest = frame.samples.slice(choose() % 2 === 0 ? 0 : cut);
  return [...frameOf(frame, first), ...frameOf(frame, rest)];
}

/** Some run of what a source sent before. */
function old(
  sent: ReadonlyMap<string, readonly PositionedSample[]>,
  choose: () => number,
): readonly Frame[] {
  return [...sent].flatMap(([source, samples]) => {
    if (choose() % 3 !== 0) return [];
    const from = choose() % (samples.length + 1);
    const frame = { kind: 'frame', source, path: 'push' } as const;
    return frameOf(frame, samples.slice(from, from + 1 + (choose() % 5)));
  });
}

function frameOf(
  { kind, source, path }: Pick<Frame, 'kind' | 'source' | 'path'>,
  samples: readonly PositionedSample[],
): readonly Frame[] {
  const [first, last] = [samples[0]?.position, samples.at(-1)?.position];
  if (first === undefined || last === undefined) return [];
  return [{ kind, source, path, first, last, samples }];
}

function isFrame(event: LogEvent): event is Frame {
  return event.kind === 'frame';
}
