import type { PartitionCheckpoint } from '@headroom/ports';
import { DependencyUnavailable } from '@headroom/ports';
import { setTimeout } from 'node:timers/promises';
import type { Document, Documents, Stored, Write } from './documents.ts';
import { togetherMax } from './documents.ts';
import { inParallel } from './parallel.ts';

export interface CheckpointSavesOptions {
  readonly documents: Documents;
  readonly key: string;
  readonly documentOf: (checkpoint: PartitionCheckpoint) => Document;
  readonly sequenceOf: (stored: Stored) => number;
}

interface Waiting {
  readonly checkpoint: PartitionCheckpoint;
  readonly saved: (answer: 'saved' | 'behind') => void;
  readonly failed: (error: unknown) => void;
}

interface Held {
  readonly sequence: number;
  readonly etag: string;
}

/** How long the first of some checkpoints waits for others. */
const gatherMs = 10;
/** Races with other members that one checkpoint takes on before it says that the store is not to be had. */
const attemptsMax = 5;

/**
 * The checkpoints of one group. Those that are to be saved within a moment are written together; of one partition's the
 * highest is.
 */
export class CheckpointSaves {
  readonly #options: CheckpointSavesOptions;
  /** What this process wrote last, so that the next checkpoint needs no read. One a partition. */
  readonly #written = new Map<string, Held>();
  #waiting: Waiting[] = [];
  #saving = false;

  constructor(options: CheckpointSavesOptions) {
    this.#options = options;
  }

  save(checkpoint: PartitionCheckpoint): Promise<'saved' | 'behind'> {
    return new Promise((saved, failed) => {
      this.#waiting.push({ checkpoint, saved, failed });
      if (!this.#saving) void this.#saveWaiting();
    });
  }

  async #saveWaiting(): Promise<void> {
    this.#saving = true;
    while (this.#waiting.length > 0) {
      await setTimeout(gatherMs);
      const taken = this.#waiting.splice(0);
      await this.#saveAll(lanesOf(taken)).catch((error: unknown) => {
        for (const { failed } of taken) failed(error);
      });
    }
    this.#saving = false;
  }

  async #saveAll(lanes: readonly Lane[]): Promise<void> {
    const known = lanes.filter(({ highest }) => this.#isNext(highest));
    const together: Lane[] = [];
    for (let start = 0; start < known.length; start += togetherMax) {
      const part = known.slice(start, start + togetherMax);
      if (await this.#saveTogether(part)) together.push(...part);
    }
    for (const lane of together) settle(lane, lane.highest.sequence);
    const others = lanes.filter((lane) => !together.includes(lane));
    await inParallel(others, (lane) => this.#saveAlone(lane));
  }

  /** Whether it goes on from what this process wrote last. */
  #isNext({ partition, sequence }: PartitionCheckpoint): boolean {
    const held = this.#written.get(partition);
    return held !== undefined && held.sequence < sequence;
  }

  async #saveTogether(lanes: readonly Lane[]): Promise<boolean> {
    if (lanes.length < 2) return false;
    const { documents, documentOf, key } = this.#options;
    const writes = lanes.map(({ highest }): Write => {
      const etag = this.#written.get(highest.partition)?.etag;
      return { document: documentOf(highest), ...(etag === undefined ? {} : { etag }) };
    });
    const written = await documents.writeTogether(writes, key);
    for (const [at, { etag }] of (written ?? []).entries()) this.#keep(lanes[at], etag);
    return written !== undefined;
  }

  async #saveAlone(lane: Lane): Promise<void> {
    try {
      settle(lane, await this.#write(lane));
    } catch (error) {
      for (const { failed } of lane.waiting) failed(error);
    }
  }

  /** The sequence that is saved after it: the lane's highest, or a later one of another member. */
  async #write(lane: Lane): Promise<number> {
    const { documents, documentOf, key } = this.#options;
    const { partition, sequence } = lane.highest;
    const document = documentOf(lane.highest);
    let held = this.#written.get(partition);
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      held ??= await this.#read(document.id);
      if (held !== undefined && held.sequence >= sequence) return held.sequence;
      const etag = held?.etag;
      const written = await documents.write(
        { document, ...(etag === undefined ? {} : { etag }) },
        key,
      );
      if (written !== undefined) {
        this.#keep(lane, written.etag);
        return sequence;
      }
      held = undefined;
    }
    const detail = `${key}/${partition}: ${attemptsMax} others wrote meanwhile`;
    throw new DependencyUnavailable('cosmos', detail);
  }

  async #read(id: string): Promise<Held | undefined> {
    const { documents, key, sequenceOf } = this.#options;
    const found = await documents.read(id, key);
    return found && { sequence: sequenceOf(found), etag: found.etag };
  }

  #keep(lane: Lane | undefined, etag: string): void {
    if (lane === undefined) return;
    const { partition, sequence } = lane.highest;
    this.#written.set(partition, { sequence, etag });
  }
}

/** What waits of one partition, in the order of asking. */
interface Lane {
  readonly highest: PartitionCheckpoint;
  readonly waiting: readonly Waiting[];
}

function lanesOf(waiting: readonly Waiting[]): readonly Lane[] {
  const byPartition = Map.groupBy(waiting, ({ checkpoint }) => checkpoint.partition);
  return [...byPartition.values()].map((list) => ({
    waiting: list,
    highest: list
      .map(({ checkpoint }) => checkpoint)
      .reduce((high, next) => (next.sequence > high.sequence ? next : high)),
  }));
}

/** As if they had been saved one after the other: `behind` is what is lower than one before it or than what is saved. */
function settle({ highest, waiting }: Lane, savedSequence: number): void {
  let high = savedSequence > highest.sequence ? savedSequence : -1;
  for (const { checkpoint, saved } of waiting) {
    saved(checkpoint.sequence < high ? 'behind' : 'saved');
    high = Math.max(high, checkpoint.sequence);
  }
}
