import { backendBlock, BodyRefused } from '@headroom/http-proxy';
import type { Exchange } from '@headroom/http-proxy';
import type { End } from '@headroom/limiter';
import type { ModelCall } from './model-call.ts';

/** What clients that left are counted under, as proxies do. */
const clientGoneStatus = 499;

export interface ForwardedCall {
  readonly method: string;
  readonly model?: ModelCall;
  /** Whether all of the request was there when the call ended. */
  readonly wasSent: boolean;
}

/** How a call that went to the backend counts: what it used, or that it was not served. `nowMs`: epoch milliseconds. */
export function settlement(call: ForwardedCall, exchange: Exchange, nowMs: number): End {
  const { answered, durationMs } = exchange;
  if (answered === undefined) return withoutAnswer(call, exchange);
  const seen = { statusCode: answered.status, latencyMs: durationMs };
  if (answered.status >= 400) {
    const blockedBy = backendBlock(call.method, answered, nowMs);
    return { kind: 'failed', ...seen, ...(blockedBy === undefined ? {} : { blockedBy }) };
  }
  const usage = usageOf(call.model, answered);
  return { kind: 'served', ...seen, ...(usage === undefined ? {} : { usage }) };
}

/** A client that left while the backend worked on its call saved nothing: the backend may have it on its bill. */
function withoutAnswer({ wasSent }: ForwardedCall, exchange: Exchange): End {
  if (exchange.end !== 'clientGone') {
    return { kind: 'failed', statusCode: statusWithoutAnswer(exchange) };
  }
  return { kind: wasSent ? 'served' : 'failed', statusCode: clientGoneStatus };
}

/** What the gateway answers for a backend that did not. */
export function statusWithoutAnswer({ end, cause }: Exchange): number {
  if (cause instanceof BodyRefused) return cause.status;
  return end === 'headersLate' ? 504 : 502;
}

/** As the answer says; of a stream that does not, or broke off, each event so far is a token. */
function usageOf(
  model: ModelCall | undefined,
  { usage, events }: NonNullable<Exchange['answered']>,
): { readonly inputTokens: number; readonly outputTokens: number } | undefined {
  if (usage !== undefined) {
    return { inputTokens: usage.promptTokens, outputTokens: usage.completionTokens };
  }
  if (model?.tokens === undefined || events === 0) return undefined;
  return { inputTokens: model.tokens.input, outputTokens: events };
}
