import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Longer bodies are no changes of limits. */
const bodyBytesMax = 16_384;
/** How far the sender's clock may be from ours: an older request may be somebody's recording. */
const ageMaxSeconds = 300;

/** A change of a limit, as the contract has it. */
export interface Change {
  readonly account: string;
  readonly key: string;
  /** Calls a second, in tenths. */
  readonly tps: number;
  readonly commandId: string;
  readonly position?: Position;
  /** Milliseconds since 1970. */
  readonly claimedAt: number;
}

/** A place in Headroom's log. Absent for a command from outside. */
export interface Position {
  readonly logId: string;
  readonly partition: number;
  readonly sequence: number;
}

/** Absent: the body is too long. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Whether the request is Headroom's, and of now: `v1=` HMAC-SHA256 of `timestamp.METHOD.body`. */
export function isGenuine(
  { method = '', headers }: IncomingMessage,
  body: string,
  secret: string,
  nowMs: number,
): boolean {
  const timestamp = String(headers['headroom-timestamp']);
  const age = Math.abs(nowMs / 1000 - Number(timestamp));
  const digest = createHmac('sha256', secret).update(`${timestamp}.${method}.${body}`);
  const expected = Buffer.from(`v1=${digest.digest('hex')}`);
  const given = Buffer.from(String(headers['headroom-signature']));
  return (
    age <= ageMaxSeconds && given.length === expected.length && timingSafeEqual(given, expected)
  );
}

/** Absent: it is none. What it has beyond the contract is passed over. */
export function changeOf(body: string): Change | undefined {
  try {
    const { account, key, tps, commandId, position, claimedAt } = JSON.parse(body) as Change;
    const isText = [account, key, commandId].every((one) => typeof one === 'string' && one !== '');
    const isNumber = Number.isFinite(tps) && tps >= 0 && Number.isFinite(claimedAt);
    if (!isText || !isNumber) return undefined;
    const change = { account, key, tps, commandId, claimedAt };
    return position === undefined ? change : { ...change, position };
  } catch {
    return undefined;
  }
}
