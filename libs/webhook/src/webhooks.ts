import { Agent } from 'undici';
import type { AccountLimits, LimitChange, TargetId } from '@headroom/core';
import type { LimitController, ProviderRefusal } from '@headroom/ports';
import { decodeAccountLimits, encodeLimitChange } from '@headroom/wire';
import { addressText } from './address.ts';
import { ask, refusal, settled } from './ask.ts';
import type { Door } from './ask.ts';

export interface WebhookOptions {
  /** By account, each checked with `webhookAddress`. */
  readonly addresses: ReadonlyMap<TargetId, URL>;
  /** Signs every request. At least `secretLengthMin` characters. */
  readonly secret: string;
  readonly limits?: Partial<WebhookLimits>;
}

export interface WebhookLimits {
  /** A whole request: connection, answer and its body. A claim counts on it. */
  readonly requestMs: number;
  readonly connectMs: number;
  readonly answerBytes: number;
  /** Open at a time, to one gateway. */
  readonly connections: number;
}

const webhookLimits: WebhookLimits = {
  requestMs: 10_000,
  connectMs: 5_000,
  answerBytes: 65_536,
  connections: 8,
};

export interface Webhooks extends LimitController {
  close(): Promise<void>;
}

/**
 * Limits of accounts whose gateway is somebody else's are pushed to its webhook; those of all others go to `otherwise`. The
 * contract is docs/limit-controllers.md. Opens nothing yet: the first request connects.
 */
export function createWebhooks(options: WebhookOptions, otherwise: LimitController): Webhooks {
  const { addresses, secret } = options;
  const limits = { ...webhookLimits, ...options.limits };
  const agent = agentOf(limits);
  const doorOf = (account: TargetId): Door | undefined => {
    const address = addresses.get(account);
    return address && { address, secret, agent, requestMs: limits.requestMs };
  };
  return {
    read: (account) => {
      const door = doorOf(account);
      return door === undefined ? otherwise.read(account) : read(door, account);
    },
    set: (change) => {
      const door = doorOf(change.account);
      return door === undefined ? otherwise.set(change) : set(door, change);
    },
    close: () => agent.close(),
  };
}

async function read(
  door: Door,
  account: TargetId,
): Promise<AccountLimits | ProviderRefusal | undefined> {
  const answer = await ask(door, 'GET', '');
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) return settled(answer, door);
  const limits = decodeAccountLimits(jsonOf(answer.text));
  const where = addressText(door.address);
  if (!limits.ok) {
    const [problem] = limits.error;
    const what = `${problem?.field ?? ''}: ${problem?.message ?? 'it is not readable'}`;
    return refusal('Unreadable', `${where} does not answer the limits in force. ${what}`);
  }
  if (limits.value.account === account) return limits.value;
  const detail = `${where} answers the limits of ${limits.value.account}: correct LIMIT_WEBHOOKS.`;
  return refusal('OtherAccount', detail);
}

async function set(door: Door, change: LimitChange): Promise<'set' | 'stale' | ProviderRefusal> {
  const answer = await ask(door, 'PUT', JSON.stringify(encodeLimitChange(change)));
  if (answer.status === 409) return 'stale';
  return answer.status >= 200 && answer.status < 300 ? 'set' : settled(answer, door);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An agent follows no redirect. */
function agentOf(limits: WebhookLimits): Agent {
  return new Agent({
    connections: limits.connections,
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.requestMs,
    bodyTimeout: limits.requestMs,
    maxResponseSize: limits.answerBytes,
  });
}
