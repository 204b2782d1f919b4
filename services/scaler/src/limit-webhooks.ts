import { targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { secretLengthMin, webhookAddress } from '@headroom/webhook';
import { z } from 'zod';

/** Accounts whose limits a gateway of somebody else's enforces, by its webhook. */
export interface LimitWebhooks {
  readonly addresses: ReadonlyMap<TargetId, URL>;
  readonly secret: string;
}

const shape = 'a JSON object: the ARM id of each account, and the address of its webhook';
const secretShape = `a secret of at least ${secretLengthMin} characters, which the gateway knows too`;

/** Absent: the limits of every account are for Headroom's own gateways. */
export function limitWebhooks() {
  return z
    .object({ LIMIT_WEBHOOKS: z.string().optional(), LIMIT_WEBHOOK_SECRET: z.string().optional() })
    .transform((env, context): LimitWebhooks | undefined => {
      const wrong = (variable: keyof typeof env, message: string) => {
        context.addIssue({ code: 'custom', path: [variable], message });
        return z.NEVER;
      };
      const { LIMIT_WEBHOOKS: text, LIMIT_WEBHOOK_SECRET: secret = '' } = env;
      if (text === undefined) return undefined;
      const addresses = addressesOf(text);
      if (typeof addresses === 'string') return wrong('LIMIT_WEBHOOKS', addresses);
      if (secret.length < secretLengthMin) return wrong('LIMIT_WEBHOOK_SECRET', secretShape);
      return { addresses, secret };
    });
}

/** A text completes the sentence "expected …"; it repeats no address, which may hold a key. */
function addressesOf(text: string): ReadonlyMap<TargetId, URL> | string {
  const given = z.record(z.string().startsWith('/'), z.string()).safeParse(jsonOf(text));
  if (!given.success) return shape;
  const addresses = new Map<TargetId, URL>();
  for (const [account, value] of Object.entries(given.data)) {
    const address = webhookAddress(value);
    if (!address.ok) return `for ${account} ${address.error}`;
    addresses.set(targetId(account), address.value);
  }
  return addresses;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
