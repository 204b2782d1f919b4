import { DependencyUnavailable } from '@headroom/ports';

/** Nothing here is asked for but a list: whatever goes wrong, the list cannot be had now. */
export function unavailable(cause: unknown): DependencyUnavailable {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `Azure Resource Manager did not list the autoscale settings: ${why}`;
  return new DependencyUnavailable('Azure Resource Manager', message, { cause });
}
