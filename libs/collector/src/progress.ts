import { dimensionsText, instant, spread } from '@headroom/core';
import type { Instant, Millis, Sample } from '@headroom/core';

/** How far one read is published. */
export interface ReadProgress {
  readonly grainMs: Millis;
  /** What lies before was never asked for. */
  since: Instant;
  /** What begins before will not be asked for again. */
  settled: Instant;
  /** What was published of the grains from `settled` on, by their begin: a mark of each sample, so that it is not sent twice. */
  readonly published: Map<Instant, Set<string>>;
}

/**
 * How far the reads of one slot are published, as its checkpoint keeps it. It holds a mark for each published sample that may
 * still change: without them a successor could not tell what is on the hub already.
 */
export class SlotProgress {
  readonly #reads = new Map<string, ReadProgress>();

  /** What `text` wrote; nothing where it cannot be read: everything is then asked for anew, and counts once all the same. */
  static of(text: string): SlotProgress {
    const progress = new SlotProgress();
    for (const line of text.split(lineEnd)) {
      const [key = '', ...fields] = line.split(fieldEnd);
      const read = readOf(fields);
      if (key !== '' && read !== undefined) progress.#reads.set(key, read);
    }
    return progress;
  }

  of(key: string): ReadProgress | undefined {
    return this.#reads.get(key);
  }

  begin(key: string, grainMs: Millis, since: Instant): ReadProgress {
    const read = { grainMs, since, settled: since, published: new Map<Instant, Set<string>>() };
    this.#reads.set(key, read);
    return read;
  }

  /** Forgets the reads that nobody asks for. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#reads.keys()) if (!keys.has(key)) this.#reads.delete(key);
  }

  /** Marks beyond `marksMax` are left out: a successor publishes those samples once more, and they count once all the same. */
  text(): string {
    let left = marksMax;
    const lines = [...this.#reads].map(([key, read]) => {
      const [place, marks] = [placeOf(read), marksOf(read)];
      left -= marks.length;
      return [key, ...place, ...(left >= 0 ? [marks] : [])].join(fieldEnd);
    });
    return lines.join(lineEnd);
  }
}

export function isPublished({ published }: ReadProgress, sample: Sample): boolean {
  return published.get(sample.time)?.has(markOf(sample)) === true;
}

export function notePublished({ published }: ReadProgress, sample: Sample): void {
  const marks = published.get(sample.time) ?? new Set();
  published.set(sample.time, marks.add(markOf(sample)));
}

/** What begins before `at` will not change any more. */
export function settle(read: ReadProgress, at: Instant): void {
  if (at > read.settled) read.settled = at;
  for (const time of read.published.keys()) if (time < read.settled) read.published.delete(time);
}

/** 48 bits: samples of one time of one read are few, and two that look alike by chance will not be met. */
function markOf({ series, count, total, minimum, maximum }: Sample): string {
  const text = [dimensionsText(series.dimensions), count, total, minimum, maximum].join('\n');
  return (spread(text) * 0x10000 + (spread(`${text}\n`) & 0xffff)).toString(36);
}

/** Characters of marks in one checkpoint: Cosmos DB takes 2 MB in a request, which may hold the checkpoints of a few slots. */
const marksMax = 400_000;
const lineEnd = '\n';
const fieldEnd = ' ';
const markEnd = ',';

/** Grain, begin and settled; times in grains. */
function placeOf({ grainMs, since, settled }: ReadProgress): readonly string[] {
  return [grainMs, since / grainMs, settled / grainMs].map((n) => n.toString(36));
}

/** Those of each grain from `settled` on. */
function marksOf({ grainMs, settled, published }: ReadProgress): string {
  const last = Math.max(settled - grainMs, ...published.keys());
  const grains: string[] = [];
  for (let time = settled; time <= last; time = instant(time + grainMs)) {
    grains.push([...(published.get(time) ?? [])].join(markEnd));
  }
  return grains.join(fieldEnd);
}

function readOf([grain = '', since = '', settled = '', ...grains]: readonly string[]) {
  const grainMs = parseInt(grain, 36);
  const read: ReadProgress = {
    grainMs,
    since: instant(parseInt(since, 36) * grainMs),
    settled: instant(parseInt(settled, 36) * grainMs),
    published: new Map(),
  };
  if (!Number.isFinite(read.since) || !Number.isFinite(read.settled)) return undefined;
  grains.forEach((marks, at) => {
    if (marks === '') return;
    read.published.set(instant(read.settled + at * grainMs), new Set(marks.split(markEnd)));
  });
  return read;
}
