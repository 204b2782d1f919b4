import { instant } from '@headroom/core';
import type { Instant, Outcome, ScaleCommand } from '@headroom/core';
import type { OperationHead, OperationState, TargetPosition } from '@headroom/ports';
import { positionsMax, recentMax } from './limits.ts';

/** A claim that was given back: no request of it is under way, and the head is free. */
export const givenBack: Instant = instant(0);

export type OpenState = Exclude<OperationState, { readonly kind: 'done' }>;

/** Whether somebody may be writing to the target, or the provider is at it. */
export function isOpen(state: OperationState): state is OpenState {
  return state.kind === 'running' || (state.kind === 'claimed' && state.claimedAt !== givenBack);
}

export function outcomeIn(head: OperationHead | undefined, commandId: string): Outcome | undefined {
  return head?.recent.find((outcome) => outcome.commandId === commandId);
}

/** The newer position that overtook the command; absent where none did or it has none. */
export function positionIn(
  head: OperationHead | undefined,
  command: ScaleCommand,
): number | undefined {
  const own = positionOf(command);
  if (own === undefined) return undefined;
  const last = head?.positions.find((position) => isSame(position, own));
  return last !== undefined && last.sequence > own.sequence ? last.sequence : undefined;
}

/** The head once the command has it. Two claims of one head never have one `claimedAt`. */
export function claimedHead(
  head: OperationHead | undefined,
  key: string,
  command: ScaleCommand,
  now: Instant,
): OperationHead {
  const before = head?.state.kind === 'claimed' ? head.state.claimedAt : givenBack;
  const claimedAt = now > before ? now : instant(before + 1);
  return {
    exclusionKey: key,
    command,
    state: { kind: 'claimed', claimedAt },
    positions: withPosition(head?.positions ?? [], command),
    recent: head?.recent ?? [],
  };
}

/**
 * The head once the command has ended. Another command that holds the head keeps it: then the outcome is only remembered.
 */
export function endedHead(
  head: OperationHead | undefined,
  key: string,
  command: ScaleCommand,
  outcome: Outcome,
): OperationHead {
  const recent = [...(head?.recent ?? []), outcome].slice(-recentMax);
  if (head !== undefined && isOpen(head.state) && head.command.id !== command.id) {
    return { ...head, recent };
  }
  return {
    exclusionKey: key,
    command,
    state: { kind: 'done', outcome, delivered: false },
    positions: withPosition(head?.positions ?? [], command),
    recent,
  };
}

function withPosition(
  positions: readonly TargetPosition[],
  command: ScaleCommand,
): readonly TargetPosition[] {
  const own = positionOf(command);
  if (own === undefined) return positions;
  const last = positions.find((position) => isSame(position, own));
  const others = positions.filter((position) => position !== last);
  const newest = last !== undefined && last.sequence > own.sequence ? last : own;
  return [...others, newest].slice(-positionsMax);
}

function positionOf(command: ScaleCommand): TargetPosition | undefined {
  if (command.source.kind === 'external') return undefined;
  return { target: command.target, ...command.source.position };
}

/** Sequences are counted for each partition: those of two say nothing about which came first. */
function isSame(a: TargetPosition, b: TargetPosition): boolean {
  return a.target === b.target && a.logId === b.logId && a.partition === b.partition;
}
