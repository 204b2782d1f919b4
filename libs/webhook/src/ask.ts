import { errors, request } from 'undici';
import type { Agent } from 'undici';
import { ProviderUnavailable } from '@headroom/ports';
import type { ProviderRefusal } from '@headroom/ports';
import { addressText } from './address.ts';
import { signatureOf } from './signature.ts';

/** The webhook of one account. */
export interface Door {
  readonly address: URL;
  readonly secret: string;
  readonly agent: Agent;
  readonly requestMs: number;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** Empty where it is longer than an answer may be. */
  readonly text: string;
}

/** How much of an answer's text an outcome quotes. */
const quotedMax = 300;

/**
 * One signed request, once.
 *
 * @throws ProviderUnavailable: no whole answer came, or the gateway asks for later (408, 425, 429, 5xx)
 */
export async function ask(door: Door, method: 'GET' | 'PUT', body: string): Promise<WebhookAnswer> {
  const answer = await send(door, method, body);
  const { status, retryAfterMs } = answer;
  if (!isPassing(status)) return answer;
  throw unavailable(door, `it answers HTTP ${status}`, { retryAfterMs });
}

/** An answer that is a final no. */
export function settled({ status, text }: WebhookAnswer, { address }: Door): ProviderRefusal {
  const where = addressText(address);
  if (status >= 300 && status < 400) {
    return refusal(`HTTP ${status}`, `${where} points elsewhere, where no limit is sent.`);
  }
  const said = text.replaceAll(/\s+/g, ' ').trim().slice(0, quotedMax);
  return refusal(`HTTP ${status}`, said === '' ? `${where} refuses it.` : `${where}: ${said}`);
}

export function refusal(code: string, detail: string): ProviderRefusal {
  return { kind: 'refused', outcome: 'Rejected', code, detail };
}

async function send(door: Door, method: 'GET' | 'PUT', body: string): Promise<WebhookAnswer> {
  const { address, secret, agent, requestMs } = door;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'headroom-timestamp': timestamp,
    'headroom-signature': signatureOf({ timestamp, method, body }, secret),
  };
  try {
    const answer = await request(address, {
      ...{ method, headers, dispatcher: agent, body: method === 'GET' ? null : body },
      signal: AbortSignal.timeout(requestMs),
    });
    const text = await answer.body.text().catch(withoutTooLong);
    return { status: answer.statusCode, retryAfterMs: retryAfterOf(answer.headers), text };
  } catch (cause) {
    throw unavailable(door, 'it does not answer', { cause });
  }
}

function withoutTooLong(error: unknown): string {
  if (error instanceof errors.ResponseExceededMaxSizeError) return '';
  throw error;
}

function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Seconds; a date, which HTTP allows too, is left to the reader's own pause. */
function retryAfterOf(headers: Record<string, string | string[] | undefined>): number | undefined {
  const text = headers['retry-after'];
  const seconds = typeof text === 'string' && text !== '' ? Number(text) : NaN;
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function unavailable(
  { address }: Door,
  what: string,
  { cause, retryAfterMs }: { readonly cause?: unknown; readonly retryAfterMs?: number | undefined },
): ProviderUnavailable {
  const where = addressText(address);
  return new ProviderUnavailable('the limit webhook', `${where} cannot take limits now: ${what}.`, {
    ...(cause === undefined ? {} : { cause }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
