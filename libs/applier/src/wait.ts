import { after, idOf, secondMs } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { OperationHead } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';
import { givenBack } from './head.ts';
import { conflictsMax, lookMaxMs, lookMinMs, openClaimMs } from './limits.ts';

/**
 * Lets a command wait for its turn without holding its message: the command is parked in the ledger under a key of its
 * own, and a continuation comes back to it. It waits until `startBy`, when judging it again says `Expired`.
 */
export async function waitForTurn(
  ports: ApplierPorts,
  task: Task,
  retryAfterMs: Millis,
): Promise<void> {
  const now = ports.clock.now();
  const next = after(now, bounded(retryAfterMs));
  const last = after(task.command.startBy, secondMs);
  await park(ports, task, givenBack, last > now && last < next ? last : next);
}

/**
 * Leaves an open claim alone for `openClaimMs`. The parked head names the claim: one that was made meanwhile is another
 * one and is waited for again.
 */
export async function waitForClaim(
  ports: ApplierPorts,
  task: Task,
  claimedAt: Instant,
): Promise<void> {
  await park(ports, task, claimedAt, after(ports.clock.now(), openClaimMs));
}

/** Looks again at an open claim that was waited for, while the target is busy with something. */
export async function waitForTarget(
  ports: ApplierPorts,
  task: Task,
  claimedAt: Instant,
  retryAfterMs: Millis,
): Promise<void> {
  await park(ports, task, claimedAt, after(ports.clock.now(), bounded(retryAfterMs)));
}

/** Schedules the next look at the task's own running operation. */
export async function lookLater(
  ports: ApplierPorts,
  task: Task,
  attempt: number,
  retryAfterMs: Millis,
): Promise<void> {
  const at = after(ports.clock.now(), bounded(retryAfterMs));
  const step = { exclusionKey: task.key, commandId: task.command.id, attempt };
  await ports.queue.schedule(step, at);
}

/** Hashed, because a sender's command id may be as long as a key may be. */
export function parkingKey(task: Pick<Task, 'key' | 'command'>): string {
  return `waiting-${idOf(task.key, task.command.id)}`;
}

async function park(
  ports: ApplierPorts,
  task: Task,
  claimedAt: Instant,
  at: Instant,
): Promise<void> {
  const exclusionKey = parkingKey(task);
  const state = { kind: 'claimed', claimedAt } as const;
  await write(ports, { exclusionKey, command: task.command, state, positions: [], recent: [] });
  const step = { exclusionKey, commandId: task.command.id, attempt: task.attempt + 1 };
  await ports.queue.schedule(step, at);
}

async function write(ports: ApplierPorts, head: OperationHead): Promise<void> {
  for (let tries = 0; tries < conflictsMax; tries++) {
    const current = await ports.ledger.read(head.exclusionKey);
    if (sameClaim(current?.head, head)) return;
    const replaced = await ports.ledger.replace(head, current?.etag);
    if (replaced.kind === 'written') return;
  }
  throw new Error(`${head.exclusionKey} was replaced ${conflictsMax} times while it was parked`);
}

function sameClaim(a: OperationHead | undefined, b: OperationHead): boolean {
  return (
    a?.state.kind === 'claimed' &&
    b.state.kind === 'claimed' &&
    a.state.claimedAt === b.state.claimedAt
  );
}

function bounded(ms: Millis): Millis {
  return Math.min(Math.max(ms, lookMinMs), lookMaxMs);
}
