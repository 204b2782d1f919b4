import { spread } from './hash.ts';
import type { Brand } from './instant.ts';

/** The ARM id of what is scaled, in lower case without a trailing slash. */
export type TargetId = Brand<string, 'TargetId'>;

/** Longest id that is accepted; ARM's own ids stay far below. */
export const targetIdLengthMax = 1024;

/** The one spelling of an ARM id: `/SUBSCRIPTIONS/…/` and `/subscriptions/…` name the same resource. */
export function targetId(armId: string): TargetId {
  return armId.trim().toLowerCase().replace(/\/+$/, '') as TargetId;
}

/** Lower case; `undefined`: the id is in none. */
export function subscriptionOf(armId: string): string | undefined {
  return /^\/subscriptions\/([^/]+)\//i.exec(armId)?.[1]?.toLowerCase();
}

/**
 * The partition of the log that a group's events go to. A target's group is itself unless targets share a backend, a
 * quota or a cap: then they name one group, so that one fold sees them all.
 */
export function partitionOf(group: string, partitions: number): number {
  return spread(group) % partitions;
}

/** `microsoft.machinelearningservices/workspaces/onlineendpoints`, in lower case; `''` where it is no ARM id. */
export function armTypeOf(resource: string): string {
  const provider = /\/providers\/([^/]+)\/(.+)$/i.exec(resource);
  if (provider === null) return '';
  const [, namespace = '', rest = ''] = provider;
  const types = rest.split('/').filter((_, index) => index % 2 === 0);
  return [namespace, ...types].join('/').toLowerCase();
}
