import { isDeepStrictEqual } from 'node:util';
import type { Problem, QuotaPool, SettingVersion } from '@headroom/core';
import type { Content, Draft } from './content.ts';
import { targetOf } from './content.ts';

/** Deployments of a pool that another pool moves already: the two would take from each other what neither counts. */
export function takenDeployments(
  draft: Draft,
  known: readonly SettingVersion[],
): readonly Problem[] {
  if (draft.kind !== 'quotaPool') return [];
  const takenBy = new Map(
    known.flatMap(({ target, content }) =>
      content.kind === 'quotaPool' && target !== draft.pool.id ? pooledIn(content.pool) : [],
    ),
  );
  return draft.pool.deployments.flatMap(({ target }, index) => {
    const pool = takenBy.get(target);
    if (pool === undefined) return [];
    const message = `is in the quota pool ${pool} already: a deployment draws on one quota. Take it out there first`;
    return [{ field: `properties.deployments[${index}].id`, message }];
  });
}

function pooledIn({ id, deployments }: QuotaPool) {
  return deployments.map(({ target }) => [target, id] as const);
}

/** Accounts of one group share one backend: what it can serve should be said of it once. */
export function groupWarnings(
  content: Content,
  known: readonly SettingVersion[],
): readonly Problem[] {
  if (content.kind !== 'rateLimit' || content.policy.group === undefined) return [];
  const { group, capacity } = content.policy;
  const others = known.flatMap(({ target, content: other }) =>
    other.kind === 'rateLimit' && target !== targetOf(content) && other.policy.group === group
      ? [other]
      : [],
  );
  const different = others.filter(({ policy }) => !isDeepStrictEqual(policy.capacity, capacity));
  if (different.length === 0) return [];
  const names = different.map(({ account }) => account.name).join(', ');
  const message = `is not that of ${names}, in the same group ${group}: accounts of a group share one backend, and each is raised by its own source`;
  return [{ field: 'policy.capacity', message }];
}
