import { targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';

/** A running operation, for the ledger. */
export interface Handle {
  readonly target: TargetId;
  readonly to: number;
  /** The SDK's poller, serialised. Absent: ask the deployment. */
  readonly state?: string;
}

export function encodeHandle(handle: Handle): string {
  return JSON.stringify(handle);
}

/** @throws TypeError: the text was not made by `encodeHandle` */
export function decodeHandle(text: string): Handle {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('target' in value) || !('to' in value)) {
    throw new TypeError(`not a handle of an operation: ${text.slice(0, 200)}`);
  }
  const { target, to } = value;
  if (typeof target !== 'string' || typeof to !== 'number') {
    throw new TypeError(`not a handle of an operation: ${text.slice(0, 200)}`);
  }
  const state = 'state' in value && typeof value.state === 'string' ? { state: value.state } : {};
  return { target: targetId(target), to, ...state };
}
