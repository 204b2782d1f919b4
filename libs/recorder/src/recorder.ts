import { placeOf } from '@headroom/core';
import type { AuditRecord } from '@headroom/core';
import type {
  AuditLog,
  Clock,
  DecisionTopic,
  Log,
  RecordFeed,
  RecordHandler,
} from '@headroom/ports';
import { divergenceOf } from './divergence.ts';
import { recordOf } from './record-of.ts';

export interface RecorderPorts {
  readonly feed: RecordFeed;
  readonly audit: Pick<AuditLog, 'create'>;
  /** Divergences go out like every other record, so that the trail has one way in. */
  readonly topic: DecisionTopic;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

export interface Recorder {
  /** Records until `signal` aborts and what was received is settled. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** Rejects where the message has to come again: recording it twice is recording it once. */
  readonly handle: RecordHandler;
}

/** The stage that keeps the trail: create-only, the first content of an id wins, a second one is kept as a divergence. */
export function createRecorder(ports: RecorderPorts): Recorder {
  const handle: RecordHandler = async (message) => {
    const record = recordOf(message);
    if (record !== undefined) await keep(ports, record);
  };
  return { run: (signal) => ports.feed.run(handle, signal), handle };
}

async function keep(ports: RecorderPorts, record: AuditRecord): Promise<void> {
  const { id, at, target } = placeOf(record);
  const created = await ports.audit.create(record);
  if (created === 'created') {
    // `ageMs` compares the broker's clock or the scaler's with ours.
    const ageMs = ports.clock.now() - at;
    ports.log.info('recorded', { kind: record.kind, id, target, ageMs });
  }
  if (created === 'different') await diverge(ports, record);
}

async function diverge(ports: RecorderPorts, record: AuditRecord): Promise<void> {
  const { id, target } = placeOf(record);
  ports.log.error('divergence', { kind: record.kind, id, target });
  // A divergence is made of nothing but what diverged, so one that diverges is a fault of the store: it is told, and
  // another divergence of it would only go round.
  if (record.kind === 'divergence') return;
  await ports.topic.publish([{ kind: 'divergence', divergence: divergenceOf(record) }]);
}
