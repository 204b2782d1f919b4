import { targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { z } from 'zod';
import { jsonVariable } from './json-variable.ts';

/** An account of AI services, where clients find it and where it is. */
export interface ServedAccount {
  /** What the paths of its calls begin with, such as `/vision`; empty: every path that no other account has. */
  readonly path: string;
  readonly account: TargetId;
  readonly backend: string;
  readonly credential: { readonly key: string } | 'managedIdentity';
}

const accountsMax = 256;
const keyLengthMax = 512;
const expected =
  '[{"path": "/vision", "account": the ARM id, "backend": "https://NAME.cognitiveservices.azure.com", ' +
  '"credential": {"key": …} or "managedIdentity"}]';
const backendShape =
  'an https address without query (plain http only on this machine), such as https://NAME.cognitiveservices.azure.com';
const credentialShape = '{"key": …} or "managedIdentity"';

const served = z
  .strictObject(
    {
      path: z
        .string('a path')
        .regex(/^\/(?:[\w~-]+(?:\/[\w~-]+)*)?$/, 'a path such as /vision, or / for all others')
        .transform((path) => (path === '/' ? '' : path)),
      account: z
        .string('the ARM id of the account')
        .regex(
          /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.CognitiveServices\/accounts\/[^/]+\/?$/i,
          'the ARM id of the account, /subscriptions/…/providers/Microsoft.CognitiveServices/accounts/NAME',
        )
        .transform(targetId),
      backend: z.string(backendShape).refine(isBackend, backendShape),
      credential: z.union(
        [
          z.strictObject({
            key: z
              .string()
              .regex(/^[\x21-\x7e]+$/)
              .max(keyLengthMax),
          }),
          z.literal('managedIdentity'),
        ],
        credentialShape,
      ),
    },
    `members path, account, backend and credential only`,
  )
  .readonly();

/** `GATEWAY_ACCOUNTS`. */
export function gatewayAccounts() {
  const shape = z
    .array(served, expected)
    .min(1, expected)
    .max(accountsMax, `at most ${accountsMax} accounts`)
    .refine((all) => isUnique(all.map(({ path }) => path)), 'a path of its own for each account')
    .refine((all) => isUnique(all.map(({ account }) => account)), 'each account once');
  return z
    .object({ GATEWAY_ACCOUNTS: jsonVariable(shape, expected) })
    .transform(({ GATEWAY_ACCOUNTS }): readonly ServedAccount[] => GATEWAY_ACCOUNTS);
}

function isUnique(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}

function isBackend(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username, password } = new URL(text);
  if (search + hash + username + password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
}
