import type { IncomingMessage, RequestListener } from 'node:http';
import { heldIn, isNewer, tagsOf } from './claim-tags.ts';
import { ArmRefused } from './named-values.ts';
import type { NamedValues } from './named-values.ts';
import { bodyOf, changeOf, isGenuine } from './request.ts';
import type { Change } from './request.ts';

export interface ReceiverOptions {
  /** Whose limits these are: its ARM id in lower case. */
  readonly account: string;
  /** Named values by the limit's key in lower case. They are there already: policies refer to them. */
  readonly limits: ReadonlyMap<string, string>;
  readonly secret: string;
  readonly values: NamedValues;
  readonly now: () => number;
}

/** What a named value counts: calls in ten seconds, so that tenths of a call a second are whole numbers. */
const renewalPeriodSeconds = 10;
/** How often a named value is read anew that others change meanwhile. */
const changesMax = 5;

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly retryAfter?: string;
}

/**
 * The webhook of one account whose gateway is Azure API Management: a limit is a named value, which a `rate-limit-by-key`
 * policy reads. It holds nothing itself: run as many as you like.
 */
export function createReceiver(options: ReceiverOptions): RequestListener {
  return (request, response) => {
    void answerTo(options, request).then(({ status, body, retryAfter }) => {
      const later = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      response.writeHead(status, { 'content-type': 'application/json', ...later });
      response.end(JSON.stringify(body));
    });
  };
}

async function answerTo(options: ReceiverOptions, request: IncomingMessage): Promise<Answer> {
  try {
    const body = await bodyOf(request);
    if (body === undefined) return told(413, 'the body is too long');
    if (!isGenuine(request, body, options.secret, options.now())) {
      return told(401, 'the signature or its time is wrong: compare the secrets and the clocks');
    }
    if (request.method === 'GET') return await inForce(options);
    if (request.method !== 'PUT') return told(405, 'GET and PUT only');
    const change = changeOf(body);
    if (change === undefined) return told(400, 'that is no change of a limit');
    return await set(options, change);
  } catch (error) {
    return failure(error);
  }
}

async function set({ account, limits, values }: ReceiverOptions, change: Change): Promise<Answer> {
  if (change.account !== account) return told(422, `this is the gateway of ${account}`);
  const id = limits.get(change.key);
  if (id === undefined) return told(422, `no named value is configured for ${change.key}`);
  const calls = String(Math.round(change.tps * renewalPeriodSeconds));
  for (let tries = 0; tries < changesMax; tries++) {
    const found = await values.read(id);
    if (found === undefined) return told(422, `there is no named value ${id}: make it first`);
    const held = heldIn(found.tags);
    if (!isNewer(change, held)) return { status: 409, body: { v: 1, key: change.key, ...held } };
    if ((await values.replace(id, calls, tagsOf(change), found.etag)) === 'replaced') {
      return { status: 200, body: {} };
    }
  }
  return told(503, `${id} was changed ${changesMax} times meanwhile`);
}

/** The values themselves, so that one changed by hand is seen as it is. */
async function inForce({ account, limits, values }: ReceiverOptions): Promise<Answer> {
  const found = await Promise.all(
    [...limits].map(async ([key, id]) => {
      const held = heldIn((await values.read(id))?.tags ?? []);
      if (held === undefined) return [];
      return [{ key, tps: Number(await values.value(id)) / renewalPeriodSeconds, ...held }];
    }),
  );
  const set = found.flat();
  if (set.length === 0) return told(404, 'nobody has set a limit yet');
  return { status: 200, body: { v: 1, account, limits: set } };
}

/** ARM's no is ours; anything else may pass. */
function failure(error: unknown): Answer {
  if (!(error instanceof ArmRefused)) return told(500, 'an error of the receiver: see its log');
  const { status, message, retryAfter } = error;
  const isFinal = status >= 400 && status < 500 && status !== 429 && status !== 408;
  if (isFinal) return told(422, message);
  return { ...told(503, message), ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function told(status: number, error: string): Answer {
  return { status, body: { error } };
}
