import type { Container, OperationInput } from '@azure/cosmos';
import { ABSENT } from '../check/register.ts';
import type { Random } from '../random.ts';
import type { Recording, Register } from '../recording.ts';
import { readFeed } from './change-feed.ts';
import type { StoredDocument } from './change-feed.ts';
import type { Load, LoadContext } from './load.ts';
import { afterFailure, answerOf, pause, persist } from './load.ts';

const LANES = ['0', '1', '2', '3'];
/** Long: a write that were given up could still be done behind the next read. */
const PATIENCE_MS = 60_000;
const MAX_DOCUMENTS = 12;
const BATCH = ['batch-0', 'batch-1', 'batch-2'];
const PAD = 'x'.repeat(300);

interface Known {
  readonly register: Register;
  /** Undefined: not there. */
  value: number | undefined;
  etag: string | undefined;
}

/** Creates, conditional upserts, patches, deletes and batches; and a reader of the change feed. */
export function startDocumentLoad(container: Container, context: LoadContext): Load {
  const lanes = LANES.map((name) => new Lane(container, name, context));
  const feed = readFeed(container, context.recording.feed.seen);
  return {
    sent: Promise.all(lanes.map((lane) => lane.run())).then(() => undefined),
    [Symbol.asyncDispose]: async () => {
      context.recording.feed.final.clear();
      for (const lane of lanes) await lane.verify(context.recording.feed.final);
      await feed.caughtUp(context.recording.feed.final);
    },
  };
}

/** The only writer of one partition key. */
class Lane {
  readonly #container: Container;
  readonly #lane: string;
  readonly #recording: Recording;
  readonly #random: Random;
  readonly #ending: AbortSignal;
  readonly #documents = new Map<string, Known>();
  readonly #batch: Register;
  #batches = 0;
  #created = 0;

  constructor(container: Container, name: string, context: LoadContext) {
    this.#container = container;
    this.#lane = `lane-${name}`;
    this.#recording = context.recording;
    this.#random = context.random(this.#lane);
    this.#ending = context.ending;
    this.#batch = this.#recording.register(`batch of ${this.#lane}`);
  }

  async run(): Promise<void> {
    let seenKill = this.#recording.kills;
    while (!this.#ending.aborted) {
      // After a kill everything is read before it is written again.
      if (seenKill !== this.#recording.kills) {
        seenKill = this.#recording.kills;
        await this.#look();
      }
      const answered = await this.#step();
      if (!answered) {
        await this.#look();
        await afterFailure();
      }
      await pause(this.#random, 15);
    }
  }

  /** Reads everything of this lane, what was deleted long ago too. */
  async verify(final: Map<string, string>): Promise<void> {
    for (const { id, value } of await this.#look()) final.set(id, String(value));
  }

  #step(): Promise<boolean> {
    const there = [...this.#documents].filter(([, known]) => known.value !== undefined);
    const chosen = there[this.#random.int(0, MAX_DOCUMENTS)];
    const draw = this.#random.next();
    if (draw < 0.15) return this.#writeBatch();
    if (chosen === undefined) return this.#create();
    if (draw < 0.25) return this.#delete(...chosen);
    return draw < 0.6 ? this.#upsert(...chosen) : this.#increment(...chosen);
  }

  #create(): Promise<boolean> {
    const id = `${this.#lane}-${this.#created++}`;
    const known = { register: this.#recording.register(id), value: undefined, etag: undefined };
    this.#documents.set(id, known);
    return this.#write(known, 1, () => this.#container.items.create(this.#document(id, 1)));
  }

  #upsert(id: string, known: Known): Promise<boolean> {
    const value = (known.value ?? 0) + 10;
    const accessCondition = { type: 'IfMatch', condition: known.etag ?? '' };
    return this.#write(known, value, () =>
      this.#container.items.upsert(this.#document(id, value), { accessCondition }),
    );
  }

  #increment(id: string, known: Known): Promise<boolean> {
    const item = this.#container.item(id, this.#lane);
    return this.#write(known, (known.value ?? 0) + 1, () =>
      item.patch([{ op: 'incr', path: '/value', value: 1 }]),
    );
  }

  #delete(id: string, known: Known): Promise<boolean> {
    return this.#write(known, undefined, () => this.#container.item(id, this.#lane).delete());
  }

  async #write(
    known: Known,
    value: number | undefined,
    call: () => Promise<{ etag: string }>,
  ): Promise<boolean> {
    const answer = await answerOf(call(), PATIENCE_MS);
    known.register.wrote(textOf(value), answer === undefined ? 'unknown' : 'acknowledged');
    if (answer === undefined) return false;
    known.value = value;
    known.etag = answer.of.etag;
    return true;
  }

  /** Three documents in one transaction: all with the same value, always. */
  async #writeBatch(): Promise<boolean> {
    const value = ++this.#batches;
    const operations = BATCH.map((name): OperationInput => ({
      operationType: 'Upsert',
      resourceBody: { ...this.#document(`${this.#lane}-${name}`, value) },
    }));
    const answer = await answerOf(this.#container.items.batch(operations, this.#lane), PATIENCE_MS);
    const isDone = answer?.of.code === 200;
    this.#batch.wrote(batchText(BATCH.map(() => value)), isDone ? 'acknowledged' : 'unknown');
    return isDone;
  }

  async #look(): Promise<readonly StoredDocument[]> {
    const documents = await persist(`documents of ${this.#lane}`, () =>
      this.#container.items
        .query<StoredDocument & { _etag: string }>('SELECT * FROM c', { partitionKey: this.#lane })
        .fetchAll(),
    );
    const found = new Map(documents.resources.map((each) => [each.id, each]));
    for (const [id, known] of this.#documents) {
      const document = found.get(id);
      known.value = document?.value;
      known.etag = document?._etag;
      known.register.read(textOf(document?.value));
    }
    this.#batch.read(batchText(BATCH.map((name) => found.get(`${this.#lane}-${name}`)?.value)));
    return documents.resources;
  }

  #document(id: string, value: number): StoredDocument & { pad: string } {
    return { id, lane: this.#lane, value, pad: PAD };
  }
}

const textOf = (value: number | undefined): string =>
  value === undefined ? ABSENT : String(value);

/** Documents of a batch that are all not there are one thing that is not there. */
function batchText(values: readonly (number | undefined)[]): string {
  return values.every((value) => value === undefined) ? ABSENT : values.map(textOf).join(', ');
}
