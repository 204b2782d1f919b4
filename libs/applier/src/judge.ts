import { amountText, isoOf, limitOf } from '@headroom/core';
import type { Instant, Outcome, OutcomeKind, ScaleCommand } from '@headroom/core';
import type { CapacityReading, OperationHead, OperationState } from '@headroom/ports';
import { abandonedMs, openClaimMs, operationMs, resendMs } from './limits.ts';
import { isOpen, outcomeIn, positionIn } from './head.ts';
import type { OpenState } from './head.ts';
import type { Task } from './applier-ports.ts';

/**
 * What to do with a command, by what the ledger says of it. First row that applies:
 *
 *   the head knows its outcome                      repeat it
 *   no kind of target knows the id                  end Rejected
 *   its own operation runs   message older than it  announce again, look later
 *                            else                   look
 *   its own claim is open    a limit's, or waited   ask, adopting
 *                            else                   wait, leaving the claim alone
 *   startBy is past                                 end Expired
 *   a newer one of its partition was judged         end Superseded
 *   another's claim or operation   long abandoned   rescue that one, wait
 *                                  else             wait
 *   the head is free                                ask
 *
 *            ┌───────────────── wait (parked until its turn) ◄────────┐
 *   command ─┴─► ask ─► claim ─► request ─► running ─► look … ─► end  │ busy
 *                 │        └── crash: open claim ─► wait 60 s ─► adopt┘
 *                 └─► end
 */
export function judgeHead(task: Task, head: OperationHead | undefined, now: Instant): HeadStep {
  const { command } = task;
  const known = outcomeIn(head, command.id);
  if (known !== undefined) return { kind: 'repeat', outcome: known };
  if (!task.supported) return { kind: 'end', ending: unsupported(command) };
  if (head?.command.id === command.id && isOpen(head.state)) return judgeOwn(task, head.state, now);
  if (now > command.startBy) return { kind: 'end', ending: expired(command, now) };
  const newer = positionIn(head, command);
  if (newer !== undefined) return { kind: 'end', ending: overtaken(newer) };
  if (head !== undefined && isOpen(head.state)) return judgeOther(head, now);
  return { kind: 'ask', adopting: false };
}

export type HeadStep =
  | { readonly kind: 'repeat'; readonly outcome: Outcome }
  | { readonly kind: 'end'; readonly ending: Ending }
  | { readonly kind: 'announce'; readonly state: Running }
  | { readonly kind: 'look'; readonly state: Running }
  | { readonly kind: 'rescue'; readonly head: OperationHead }
  | { readonly kind: 'wait' }
  | { readonly kind: 'leave'; readonly claimedAt: Instant }
  | { readonly kind: 'ask'; readonly adopting: boolean };

/** An outcome without the capacity. */
export interface Ending {
  readonly outcome: OutcomeKind;
  readonly detail: string;
  readonly reachedProvider: boolean;
}

export type Running = Extract<OperationState, { kind: 'running' }>;

/**
 * The wait is proven twice, by the message that was sent on its way then and by the clock: neither alone is sure. A limit
 * needs none, because its controller refuses a claimer that is still alive and comes late.
 */
function judgeOwn(task: Task, state: OpenState, now: Instant): HeadStep {
  if (state.kind === 'running') {
    return { kind: task.attempt <= state.attempt ? 'announce' : 'look', state };
  }
  const waited = task.waitedFor === state.claimedAt && now - state.claimedAt >= openClaimMs;
  if (waited || limitOf(task.command.target) !== undefined) return { kind: 'ask', adopting: true };
  return { kind: 'leave', claimedAt: state.claimedAt };
}

function judgeOther(head: OperationHead, now: Instant): HeadStep {
  const { state } = head;
  const abandoned =
    state.kind === 'running'
      ? now - state.startedAt > operationMs + abandonedMs
      : state.kind === 'claimed' && now - state.claimedAt > abandonedMs;
  return abandoned ? { kind: 'rescue', head } : { kind: 'wait' };
}

/** What to do with a command that holds no claim, by the capacity that was found. */
export function judgeCapacity(command: ScaleCommand, reading: CapacityReading): CapacityStep {
  if (reading.kind === 'notFound') {
    return end('Rejected', false, `${command.target} cannot be scaled: ${reading.detail}`);
  }
  if (reading.busy) return { kind: 'wait' };
  if (reading.instances === command.to) {
    return end('NoOp', false, `It has ${amountText(command.target, command.to)} already.`);
  }
  if (reading.instances !== command.expectedCapacity) {
    return end('Superseded', false, unexpected(command, reading.instances));
  }
  return { kind: 'send' };
}

/** The same for one whose claim somebody left open: its request may have gone out, or not. */
export function judgeAdoption(
  command: ScaleCommand,
  reading: CapacityReading,
  now: Instant,
): CapacityStep {
  if (reading.kind === 'notFound') {
    return end('Failed', true, `${command.target} is gone: ${reading.detail}`);
  }
  if (reading.busy) {
    if (now <= command.startBy + operationMs) return { kind: 'wait' };
    return end('Failed', true, 'An operation that was not ours to end did not end in time.');
  }
  if (reading.instances === command.to) {
    const found = amountText(command.target, command.to);
    return end('Applied', true, `Found at ${found} after a restart.`);
  }
  if (reading.instances !== command.expectedCapacity) {
    return end('Superseded', true, unexpected(command, reading.instances));
  }
  if (now <= command.startBy + resendMs) return { kind: 'send' };
  return end('Failed', true, 'The scaler was interrupted, and it is too late to send it again.');
}

export type CapacityStep =
  | { readonly kind: 'end'; readonly ending: Ending }
  | { readonly kind: 'wait' }
  | { readonly kind: 'send' };

function end(outcome: OutcomeKind, reachedProvider: boolean, detail: string): CapacityStep {
  return { kind: 'end', ending: { outcome, reachedProvider, detail } };
}

function unsupported(command: ScaleCommand): Ending {
  const detail =
    `${command.target} is no kind of resource that Headroom scales. ` +
    'Give the ARM id of a managed online deployment, of a model deployment, or of a limit.';
  return { outcome: 'Rejected', detail, reachedProvider: false };
}

function expired(command: ScaleCommand, now: Instant): Ending {
  const detail =
    `It had to start by ${isoOf(command.startBy)}, and it is ${isoOf(now)}: ` +
    'the scaler or the target was busy or away. It is decided anew while its rule fires.';
  return { outcome: 'Expired', detail, reachedProvider: false };
}

function overtaken(newer: number): Ending {
  const detail = `A command decided later (sequence ${newer} of the log) came first.`;
  return { outcome: 'Superseded', detail, reachedProvider: false };
}

function unexpected(command: ScaleCommand, found: number): string {
  return (
    `It expected ${amountText(command.target, command.expectedCapacity)} and found ${found}: ` +
    'somebody else changed the capacity meanwhile.'
  );
}
