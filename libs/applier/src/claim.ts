import { amountText } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { Claim, OperationHead, ProviderRefusal, VersionedHead } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';
import { readInstances } from './capacity.ts';
import { appendTo, conclude } from './deliver.ts';
import { claimedHead, givenBack } from './head.ts';
import type { Ending, Running } from './judge.ts';
import { moveHead } from './ledger-edit.ts';
import type { Done } from './ledger-edit.ts';
import { claimUseMs, turnMs } from './limits.ts';
import { lookLater, waitForClaim, waitForTurn } from './wait.ts';

/**
 * The claim and the request. The claim is the conditional replacement of the head: of several, one gets it. A process that
 * dies from here on leaves an open claim, which a successor adopts.
 *
 * @param capacity the instances found before, for an outcome that changes nothing
 * @param resending an earlier claim of the command may have sent the value already
 */
export async function claimAndSend(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead | undefined,
  capacity: number | undefined,
  resending: boolean,
): Promise<Done> {
  const claim = await takeClaim(ports, task, current);
  if (claim === undefined) return 'conflict';
  const reply = claim.usable
    ? await ports.targets.scale(
        task.command.target,
        task.command.to,
        claimFor(task, claim.claimedAt),
      )
    : late;
  switch (reply.kind) {
    case 'accepted':
      return started(ports, task, claim, reply.operation, reply.retryAfterMs);
    case 'applied':
      return applied(ports, task, claim);
    case 'overtaken':
      return overtaken(ports, task, claim);
    case 'refused':
      return conclude(ports, task, claim.written, refusal(reply), capacity);
    case 'busy':
      await (resending
        ? waitForClaim(ports, task, claim.claimedAt)
        : giveBack(ports, task, claim, reply.retryAfterMs));
      return 'settled';
  }
}

/** A claim whose write took too long: a successor may think that its time is over. */
const late = { kind: 'busy', detail: 'the claim took too long', retryAfterMs: turnMs } as const;

/** A claim in the ledger. */
interface TakenClaim {
  readonly written: VersionedHead;
  readonly claimedAt: Instant;
  readonly usable: boolean;
}

/** Absent: somebody else replaced the head. */
export async function takeClaim(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead | undefined,
): Promise<TakenClaim | undefined> {
  const before = ports.clock.monotonicMs();
  const claimedAt = ports.clock.now();
  const head = claimedHead(current?.head, task.key, task.command, claimedAt);
  const replaced = await ports.ledger.replace(head, current?.etag);
  if (replaced.kind === 'conflict') return undefined;
  const usable = ports.clock.monotonicMs() - before <= claimUseMs;
  return { written: { head, etag: replaced.etag }, claimedAt: claimOf(head), usable };
}

/** There is no operation to follow: what was started has ended. */
export async function applied(ports: ApplierPorts, task: Task, claim: TakenClaim): Promise<Done> {
  const { target, to } = task.command;
  await sayStarted(ports, task, ports.clock.now());
  const detail = `It has ${amountText(target, to)} now.`;
  const ending = { outcome: 'Applied', detail, reachedProvider: true } as const;
  return conclude(ports, task, claim.written, ending, to);
}

/** Somebody claimed the target later and was faster. */
export async function overtaken(ports: ApplierPorts, task: Task, claim: TakenClaim): Promise<Done> {
  const inForce = await readInstances(ports, task);
  const what = inForce === undefined ? 'it' : amountText(task.command.target, inForce);
  const detail = `A command that was claimed later came first: ${what} stays in force.`;
  const ending = { outcome: 'Superseded', detail, reachedProvider: true } as const;
  return conclude(ports, task, claim.written, ending, inForce);
}

async function started(
  ports: ApplierPorts,
  task: Task,
  claim: TakenClaim,
  operation: string,
  retryAfterMs: Millis,
): Promise<Done> {
  const { claimedAt } = claim;
  const startedAt = ports.clock.now();
  const state: Running = {
    kind: 'running',
    claimedAt,
    // Never before the claim, whatever the clock does: that would mark a correction.
    startedAt: startedAt < claimedAt ? claimedAt : startedAt,
    operation,
    attempt: task.attempt,
  };
  const moved = await moveHead(ports, claim.written, holdsClaim(task, claimedAt), state);
  if (moved === undefined) return 'conflict';
  await announce(ports, task, state, retryAfterMs);
  return 'settled';
}

/** Says `Started` and sees to it that the operation is looked at. Repeated by each message older than the operation. */
export async function announce(
  ports: ApplierPorts,
  task: Task,
  state: Running,
  retryAfterMs: Millis,
): Promise<void> {
  await sayStarted(ports, task, state.startedAt);
  await lookLater(ports, task, state.attempt + 1, retryAfterMs);
}

async function sayStarted(ports: ApplierPorts, { command }: Task, at: Instant): Promise<void> {
  const { id, target, to, source } = command;
  const event = { kind: 'started', started: { commandId: id, target, to, at } } as const;
  await appendTo(ports, source, target, event);
  ports.log.info('started', { command: id, target, to });
}

async function giveBack(
  ports: ApplierPorts,
  task: Task,
  claim: TakenClaim,
  retryAfterMs: Millis,
): Promise<void> {
  const state = { kind: 'claimed', claimedAt: givenBack } as const;
  await moveHead(ports, claim.written, holdsClaim(task, claim.claimedAt), state);
  await waitForTurn(ports, task, retryAfterMs);
}

/** What the target learns of the claim. */
export function claimFor({ command: { id: commandId, source } }: Task, claimedAt: Instant): Claim {
  const position = source.kind === 'log' ? { position: source.position } : {};
  return { commandId, claimedAt, ...position };
}

export function holdsClaim(task: Task, claimedAt: Instant): (head: OperationHead) => boolean {
  return ({ command, state }) =>
    command.id === task.command.id && state.kind === 'claimed' && state.claimedAt === claimedAt;
}

export function refusal(reply: ProviderRefusal): Ending {
  const detail = `${reply.code}: ${reply.detail}`;
  return { outcome: reply.outcome, detail, reachedProvider: true };
}

function claimOf(head: OperationHead): Instant {
  return head.state.kind === 'done' ? givenBack : head.state.claimedAt;
}
