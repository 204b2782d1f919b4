import type { Checkpoint, CheckpointStore, PartitionOwnership } from '@azure/event-hubs';
import type { Container } from '@azure/cosmos';
import { ABSENT } from '../check/register.ts';
import type { Recording, Register } from '../recording.ts';
import { answerOf, persist } from './load.ts';

/** Long: a write that were given up could still be done behind the next read. */
const PATIENCE_MS = 60_000;

interface Stored extends Checkpoint {
  readonly id: string;
}

interface Held {
  readonly register: Register;
  etag: string | undefined;
  /** The kill count at the last look: after each kill the stored checkpoint is read first. */
  seenKill: number;
}

/**
 * The SDK's checkpoint store in Cosmos DB, each write on condition of the one before it. There is one
 * consumer, which owns every partition.
 */
export class Checkpoints implements CheckpointStore {
  readonly #container: Container;
  readonly #recording: Recording;
  readonly #held = new Map<string, Held>();

  constructor(container: Container, recording: Recording) {
    this.#container = container;
    this.#recording = recording;
  }

  async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const { partitionId } = checkpoint;
    const held = this.#of(partitionId);
    if (held.seenKill !== this.#recording.kills) await this.#look(partitionId, held);
    const answer = await answerOf(this.#write(checkpoint, held.etag), PATIENCE_MS);
    held.register.wrote(textOf(checkpoint), answer === undefined ? 'unknown' : 'acknowledged');
    if (answer === undefined) await this.#look(partitionId, held);
    else held.etag = answer.of;
  }

  /** Asked for when the SDK's receiver of a partition was given up, and a new one begins. */
  async listCheckpoints(): Promise<Checkpoint[]> {
    const stored = await persist('checkpoints', () =>
      this.#container.items.readAll<Stored>().fetchAll(),
    );
    return stored.resources;
  }

  claimOwnership(wanted: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    return Promise.resolve(wanted);
  }

  listOwnership(): Promise<PartitionOwnership[]> {
    return Promise.resolve([]);
  }

  /** Reads what is stored for every partition. */
  async verify(): Promise<void> {
    for (const [partition, held] of this.#held) await this.#look(partition, held);
  }

  async #write(checkpoint: Checkpoint, etag: string | undefined): Promise<string> {
    const id = checkpoint.partitionId;
    const document: Stored = { ...checkpoint, id };
    if (etag === undefined) return (await this.#container.items.create(document)).etag;
    const accessCondition = { type: 'IfMatch', condition: etag };
    return (await this.#container.item(id, id).replace(document, { accessCondition })).etag;
  }

  async #look(id: string, held: Held): Promise<void> {
    held.seenKill = this.#recording.kills;
    const found = await persist(`checkpoint ${id}`, () =>
      this.#container.item(id, id).read<Stored>(),
    );
    const { resource } = found;
    held.register.read(resource === undefined ? ABSENT : textOf(resource));
    held.etag = resource === undefined ? undefined : found.etag;
  }

  #of(partition: string): Held {
    const known = this.#held.get(partition);
    if (known !== undefined) return known;
    const register = this.#recording.register(`checkpoint ${partition}`);
    const held: Held = { register, etag: undefined, seenKill: this.#recording.kills };
    this.#held.set(partition, held);
    return held;
  }
}

const textOf = ({ sequenceNumber, offset }: Checkpoint): string =>
  `sequence number ${sequenceNumber}, offset ${offset}`;
