import { minuteMs } from '../lang/instant.ts';
import type { Instant, Millis } from '../lang/instant.ts';

/** How a record came to us. It decides how old data may be: see `maxDataAgeMs`. */
export type IngestPath = 'push' | 'poll' | 'export' | (string & {});

/** The paths that are told apart; a producer may name any other, and they count as one. */
export function ingestPath(name: string): IngestPath {
  return name === 'push' || name === 'poll' || name === 'export' ? name : 'other';
}

/**
 * How old the newest sample may be before its metric counts as missing, by the way it came. Azure exports metrics about
 * three minutes late and slows down for idle resources; a poller sees them within a few minutes; a pusher is fresh.
 */
export function maxDataAgeMs(path: IngestPath): Millis {
  switch (path) {
    case 'push':
      return minuteMs;
    case 'export':
      return 15 * minuteMs;
    default:
      return 5 * minuteMs;
  }
}

/** Dimension names and values in the order of the names; names are compared without case. */
export type Dimensions = readonly (readonly [name: string, value: string])[];

/** What a series is known by. Resource and metric are in lower case. */
export interface SeriesKey {
  readonly resource: string;
  readonly metric: string;
  readonly dimensions: Dimensions;
}

/** One pre-aggregated value of a series over one grain, as Azure Monitor sends it. */
export interface Sample {
  readonly series: SeriesKey;
  /** When the grain begins. It ends at `time + grainMs`. */
  readonly time: Instant;
  readonly grainMs: Millis;
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Where in a source partition a record was read: the message's sequence number and the record's place in it. */
export interface SourcePosition {
  readonly sequence: number;
  readonly index: number;
}

export interface PositionedSample {
  readonly sample: Sample;
  readonly position: SourcePosition;
}

export function sampleEnd(sample: Sample): Instant {
  return (sample.time + sample.grainMs) as Instant;
}

export function isAbove(a: SourcePosition, b: SourcePosition): boolean {
  return a.sequence > b.sequence || (a.sequence === b.sequence && a.index > b.index);
}

/** One string for all dimensions of a series; `\n` occurs in no name or value that is accepted. */
export function dimensionsText(dimensions: Dimensions): string {
  return dimensions.map(([name, value]) => `${name}\n${value}`).join('\n');
}

export function sameDimensions(a: Dimensions, b: Dimensions): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]?.[0] !== b[i]?.[0] || a[i]?.[1] !== b[i]?.[1]) return false;
  }
  return true;
}
