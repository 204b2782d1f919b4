import { after, never, secondMs } from '@headroom/core';
import type { ProviderUnavailable, VersionedHead } from '@headroom/ports';
import type { ApplierPorts, Task } from './applier-ports.ts';
import { taskOf } from './applier-ports.ts';
import { instancesOf, isGatewayAway, readInstances } from './capacity.ts';
import { announce, claimAndSend } from './claim.ts';
import { conclude, deliver } from './deliver.ts';
import { look } from './follow-up.ts';
import { giveUp } from './give-up.ts';
import { judgeAdoption, judgeCapacity, judgeHead } from './judge.ts';
import type { HeadStep } from './judge.ts';
import type { Done } from './ledger-edit.ts';
import { conflictsMax, resendMs, turnMs } from './limits.ts';
import { waitForClaim, waitForTarget, waitForTurn } from './wait.ts';

/**
 * Brings a command as far as it goes now: to its outcome, to a running operation with a look scheduled, or to its place
 * in the queue. Whoever calls it may die anywhere and another may call it again, at the same time as well: each step
 * begins with what the ledger says and ends with a conditional write.
 *
 * @throws ProviderUnavailable, DependencyUnavailable: nothing is lost; the message comes again
 */
export async function work(ports: ApplierPorts, task: Task): Promise<void> {
  try {
    await bring(ports, task);
  } catch (error) {
    if (!isGatewayAway(task.command.target, error)) throw error;
    await waitForGateway(ports, task, error);
  }
}

/** The command waits in its own place; the value of an open claim is sent again for as long as anybody may want it. */
async function waitForGateway(
  ports: ApplierPorts,
  task: Task,
  { message, retryAfterMs = turnMs }: ProviderUnavailable,
): Promise<void> {
  ports.log.warn('gateway.away', {
    command: task.command.id,
    target: task.command.target,
    message,
  });
  if (ports.clock.now() <= after(task.command.startBy, resendMs)) {
    return waitForTurn(ports, task, retryAfterMs);
  }
  return giveUp(ports, task, {
    outcome: 'Failed',
    detail: `Its gateway did not answer: ${message}`,
  });
}

async function bring(ports: ApplierPorts, task: Task): Promise<void> {
  for (let tries = 0; tries < conflictsMax; tries++) {
    const current = await ports.ledger.read(task.key);
    if ((await advance(ports, firstContent(task, current), current)) === 'settled') return;
  }
  throw new Error(
    `The operation head of ${task.key} was replaced ${conflictsMax} times while ${task.command.id} was ` +
      'being judged: too many scalers work on one endpoint. The message comes again.',
  );
}

/** A command id has one value for ever: where the ledger knows the command, what it knows counts. */
function firstContent(task: Task, current: VersionedHead | undefined): Task {
  const held = current?.head.command;
  return held?.id === task.command.id ? { ...task, command: held } : task;
}

async function advance(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead | undefined,
): Promise<Done> {
  const step = judgeHead(task, current?.head, ports.clock.now());
  switch (step.kind) {
    case 'ask':
      return ask(ports, task, current, step.adopting);
    case 'end': {
      const capacity = await readInstances(ports, task);
      return conclude(ports, task, current, step.ending, capacity);
    }
    case 'look':
      return look(ports, task, holding(current), step.state);
    case 'repeat':
      await deliver(ports, step.outcome, holding(current));
      return 'settled';
    default:
      await postpone(ports, task, step);
      return 'settled';
  }
}

async function postpone(ports: ApplierPorts, task: Task, step: Postponement): Promise<void> {
  switch (step.kind) {
    case 'announce':
      return announce(ports, task, step.state, turnMs);
    case 'leave':
      return waitForClaim(ports, task, step.claimedAt);
    case 'wait':
      return waitForTurn(ports, task, turnMs);
    case 'rescue':
      await rescue(ports, step.head);
      return waitForTurn(ports, task, turnMs);
    default:
      never(step);
  }
}

type Postponement = Extract<HeadStep, { kind: 'announce' | 'leave' | 'wait' | 'rescue' }>;

async function ask(
  ports: ApplierPorts,
  task: Task,
  current: VersionedHead | undefined,
  adopting: boolean,
): Promise<Done> {
  const reading = await ports.targets.read(task.command.target);
  const step = adopting
    ? judgeAdoption(task.command, reading, ports.clock.now())
    : judgeCapacity(task.command, reading);
  switch (step.kind) {
    case 'end':
      return conclude(ports, task, current, step.ending, instancesOf(reading));
    case 'send':
      return claimAndSend(ports, task, current, instancesOf(reading), adopting);
    case 'wait':
      await (adopting && task.waitedFor !== undefined
        ? waitForTarget(ports, task, task.waitedFor, turnMs)
        : waitForTurn(ports, task, turnMs));
      return 'settled';
  }
}

/** Ends or revives what another command left behind when its messages were lost, so that the target is free again. */
async function rescue(ports: ApplierPorts, head: VersionedHead['head']): Promise<void> {
  const { command, state } = head;
  if (state.kind === 'done') return;
  ports.log.warn('operation.abandoned', { command: command.id, target: command.target });
  // Above every attempt that was made of it, so that its continuations have ids of their own again.
  const attempt = Math.floor((ports.clock.now() - state.claimedAt) / secondMs);
  const waitedFor = state.kind === 'claimed' ? state.claimedAt : undefined;
  await work(ports, taskOf(ports, command, attempt, waitedFor));
}

function holding(current: VersionedHead | undefined): VersionedHead {
  if (current === undefined) throw new TypeError('a step on a head that is not there');
  return current;
}
