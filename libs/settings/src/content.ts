import { defaultPolicy, defaultQuotaPoolPolicy, defaultRateLimitPolicy } from '@headroom/core';
import type { Override, Problem, SettingContent, TargetId } from '@headroom/core';
import type { SettingWrite } from '@headroom/ports';

/** What may be put to work, whatever it decides on. */
export type Content = Exclude<SettingContent, { kind: 'tombstone' | 'moved' | 'unreadable' }>;
export type AnyPolicy = SettingWrite['policy'];

/** An autoscale setting, which may have shadows. */
export type SettingOfTarget = Extract<Content, { kind: 'setting' }>;

/** A document that was read, without a policy. */
export type Draft =
  | (Omit<SettingOfTarget, 'policy' | 'overrides' | 'shadows'> & {
      /** What its author should know. */
      readonly warnings: readonly Problem[];
    })
  | Omit<Extract<Content, { kind: 'rateLimit' }>, 'policy' | 'overrides'>
  | Omit<Extract<Content, { kind: 'quotaPool' }>, 'policy' | 'overrides'>;

export function targetOf(draft: Draft): TargetId {
  switch (draft.kind) {
    case 'setting':
      return draft.setting.target;
    case 'rateLimit':
      return draft.account.id;
    case 'quotaPool':
      return draft.pool.id;
  }
}

/** The name by which people know it. */
export function nameOf(draft: Draft): string {
  switch (draft.kind) {
    case 'setting':
      return draft.setting.name;
    case 'rateLimit':
      return draft.account.name;
    case 'quotaPool':
      return draft.pool.name;
  }
}

export function defaultPolicyOf({ kind }: Pick<Draft, 'kind'>): AnyPolicy {
  switch (kind) {
    case 'setting':
      return defaultPolicy;
    case 'rateLimit':
      return defaultRateLimitPolicy;
    case 'quotaPool':
      return defaultQuotaPoolPolicy;
  }
}

/** The caller sees to it that the policy is of the draft's kind. `before`: its shadows stay. */
export function contentOf(
  draft: Draft,
  policy: AnyPolicy,
  overrides: readonly Override[],
  before: Content | undefined,
): Content {
  if (draft.kind !== 'setting') return { ...draft, policy, overrides } as Content;
  const { kind, setting } = draft;
  const shadows = before?.kind === 'setting' ? before.shadows : undefined;
  return { kind, setting, policy, overrides, ...(shadows && { shadows }) } as Content;
}
