import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Millis } from '@headroom/core';
import { TokenWindow } from './token-window.ts';

export interface AiBackendOptions {
  /** What callers have to show as `api-key`. */
  readonly key: string;
  /** Calls a second that it serves under `/vision/`; of others as many as come. */
  readonly visionCallsPerS: () => number;
  /** Tokens a minute of a model deployment. */
  readonly tokensPerMinute: (deployment: string) => number;
}

/** What the demo's backend did since the start. */
export interface AiBackendCounts {
  served: number;
  /** Answered 429: it had no capacity, or the deployment no tokens. */
  refused: number;
}

export interface AiBackend extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  readonly counts: Readonly<AiBackendCounts>;
}

const bodyBytesMax = 1_048_576;
const answersAfterMs = 20;
/** Characters of a prompt to a token. */
const charactersPerToken = 4;

/** Stands in for AI services behind the gateway, with a capacity that is limited and may change. On loopback only. */
export async function startAiBackend(options: AiBackendOptions): Promise<AiBackend> {
  const counts: AiBackendCounts = { served: 0, refused: 0 };
  const answer = answering(options, counts);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    counts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answering(options: AiBackendOptions, counts: AiBackendCounts) {
  const startedMs = performance.now();
  const windows = new Map<string, TokenWindow>();
  let [second, calls] = [0, 0];

  /** Whether one more call of vision, in this second, is within the capacity. */
  function hasRoom(elapsedMs: Millis): boolean {
    const now = Math.floor(elapsedMs / 1000);
    if (now !== second) [second, calls] = [now, 0];
    return ++calls <= options.visionCallsPerS();
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (request.headers['api-key'] !== options.key) {
      send(response, 401, problem('401', 'Access denied due to invalid subscription key.'));
      return;
    }
    const elapsedMs = performance.now() - startedMs;
    const deployment = /^\/openai\/deployments\/([^/]+)\//.exec(request.url ?? '')?.[1];
    const usage = deployment === undefined ? undefined : usageOf(body);
    const takes = () => {
      if (deployment === undefined || usage === undefined) {
        return request.url?.startsWith('/vision/') !== true || hasRoom(elapsedMs);
      }
      const window = windows.get(deployment) ?? new TokenWindow();
      windows.set(deployment, window);
      const limit = options.tokensPerMinute(deployment);
      return window.take(Math.floor(elapsedMs / 1000), usage.total_tokens, limit);
    };
    if (!takes()) {
      counts.refused++;
      const reason = problem('429', 'Requests are above what the backend serves at the moment.');
      send(response, 429, reason, { 'retry-after': '1' });
      return;
    }
    await wait(answersAfterMs);
    counts.served++;
    send(response, 200, usage === undefined ? { status: 'succeeded' } : completion(usage));
  };
}

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** As many tokens as the prompt has, and as many in the answer as the call allows. */
function usageOf(body: string): Usage {
  const { max_tokens: most } = JSON.parse(body) as { readonly max_tokens?: number };
  const prompt = Math.ceil(body.length / charactersPerToken);
  const answer = most ?? prompt;
  return { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer };
}

function completion(usage: Usage) {
  const message = { role: 'assistant', content: 'An answer.' };
  return { object: 'chat.completion', choices: [{ index: 0, message }], usage };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) throw new Error('the body is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function problem(code: string, message: string) {
  return { error: { code, message } };
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
