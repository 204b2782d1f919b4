import type { IncomingMessage } from 'node:http';
import { failed, ok } from '@headroom/core';
import type { Result } from '@headroom/core';
import { forwardedHeaders, requestTarget } from '@headroom/http-proxy';
import { modelRoute } from './model-call.ts';
import type { ModelRoute } from './model-call.ts';
import type { Refusal } from './refusal.ts';
import type { Routed, RouteOf } from './routes.ts';

/** A request as far as it can be read without knowing who sent it. */
export interface Asked {
  readonly method: string;
  /** Absent: no account is served under the path. */
  readonly routed?: Routed;
  /** Where it leads to a model. */
  readonly model?: ModelRoute;
  /** For the backend. */
  readonly headers: readonly string[];
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Refuses what another reader might read in another way. */
export function askedOf(request: IncomingMessage, routeOf: RouteOf): Result<Asked, Refusal> {
  const { method = '', url = '', rawHeaders } = request;
  if (!methods.has(method)) return refused(405, `${method} is not answered here.`);
  const target = requestTarget(url);
  if (!target.ok) return refused(400, target.error);
  const routed = routeOf(target.value);
  const model = routed === undefined ? undefined : modelRoute(routed.path);
  const headers = forwardedHeaders(rawHeaders, { uncompressed: model !== undefined });
  if (!headers.ok) return refused(400, headers.error);
  return ok({
    method,
    headers: headers.value,
    ...(routed === undefined ? {} : { routed }),
    ...(model === undefined ? {} : { model }),
  });
}

function refused(status: number, message: string): Result<Asked, Refusal> {
  return failed({ status, message });
}
