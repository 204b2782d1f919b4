import { limitOf } from '@headroom/core';
import type { CapacityObservation, ReadCommand } from '@headroom/core';
import type { CapacityReading, Projection } from '@headroom/ports';
import type { ApplierPorts } from './applier-ports.ts';
import { isGatewayAway } from './capacity.ts';
import { appendTo } from './deliver.ts';

/**
 * Answers a `read` with the capacity, or with the reason why there is none. It changes nothing, so it needs no claim, and
 * a second answer to a redelivered question is only a newer observation.
 */
export async function reportCapacity(ports: ApplierPorts, command: ReadCommand): Promise<void> {
  const isSupported = ports.targets.exclusionKey(command.target) !== undefined;
  const reading: CapacityReading = isSupported
    ? await read(ports, command)
    : { kind: 'notFound', detail: 'It is no kind of resource that Headroom scales.' };
  await observe(ports, command, reading, await projectionFor(ports, command));
}

async function read({ targets }: ApplierPorts, { target }: ReadCommand): Promise<CapacityReading> {
  try {
    return await targets.read(target);
  } catch (error) {
    if (isGatewayAway(target, error)) return { kind: 'notFound', detail: error.message };
    throw error;
  }
}

/** What there is room for, where the question is about that too. */
async function projectionFor(
  { projection }: ApplierPorts,
  { target, projection: query }: ReadCommand,
): Promise<Projection | undefined> {
  if (query === undefined) return undefined;
  return projection.available(limitOf(target)?.account ?? target, query);
}

/** The answer to a question that could not be handled. */
export async function reportUnknown(
  ports: ApplierPorts,
  command: ReadCommand,
  why: string,
): Promise<void> {
  await observe(ports, command, { kind: 'notFound', detail: why });
}

async function observe(
  ports: ApplierPorts,
  command: ReadCommand,
  reading: CapacityReading,
  projection?: Projection,
): Promise<void> {
  const observation: CapacityObservation = {
    target: command.target,
    commandId: command.id,
    ...(reading.kind === 'capacity' ? { instances: reading.instances } : {}),
    ...(projection?.kind === 'known' ? { availableTps: projection.tps } : {}),
    detail: detailOf(reading, projection),
    at: ports.clock.now(),
  };
  const event = { kind: 'capacity', observation } as const;
  await appendTo(ports, command.source, command.target, event);
}

function detailOf(reading: CapacityReading, projection: Projection | undefined): string {
  const found = reading.detail ?? busyText(reading.kind === 'capacity' && reading.busy);
  if (projection?.kind !== 'unknown') return found;
  return `${found} What is available is not known: ${projection.detail}`;
}

function busyText(busy: boolean): string {
  return busy ? 'An operation is running.' : 'No operation is running.';
}
