import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** An answer of the gateway itself, in the form that Azure's services give to their errors. */
export interface Refusal {
  readonly status: number;
  /** For the client: what happened, and what to do. */
  readonly message: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** The error as JSON: `{"error":{"code":"429","message":"…"}}`. */
export function errorBody({ status, message }: Pick<Refusal, 'status' | 'message'>): string {
  return JSON.stringify({ error: { code: String(status), message } });
}

/** Answers unless the client has gone, or has been answered. */
export function refuse(answer: ServerResponse, refusal: Refusal): void {
  if (answer.destroyed || answer.headersSent) return;
  const body = errorBody(refusal);
  answer.writeHead(refusal.status, {
    ...refusal.headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  answer.end(answer.req.method === 'HEAD' ? undefined : body);
}
