import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../config/management.ts';
import { ArmError, notFound } from './arm-error.ts';
import type { ArmTarget } from './arm-request.ts';
import type { Requester } from './authorization.ts';

/** A request of somebody known, at a route. */
export interface ArmCall {
  readonly request: IncomingMessage;
  readonly answer: ServerResponse;
  readonly requester: Requester;
  /** Names the request in answer and log. */
  readonly requestId: string;
  /** What stands where the route's path has `{}`, in its order. */
  readonly names: readonly string[];
}

export interface ArmAnswer {
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ArmHandler = (call: ArmCall) => ArmAnswer | Promise<ArmAnswer>;
export type ArmMethod = 'GET' | 'PUT' | 'PATCH';

export interface ArmRoute {
  /** `subscriptions/{}/resourceGroups/{}`; its words fit in any case. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<ArmMethod, ArmHandler>>>;
}

export interface FoundRoute {
  readonly handler: ArmHandler;
  readonly names: readonly string[];
  readonly access: Access;
}

/** Throws `ArmError`: 404 for a path that none has, 405 for a method that it has not. */
export function routeOf(
  routes: readonly ArmRoute[],
  { segments }: ArmTarget,
  method: string,
): FoundRoute {
  for (const { path, methods } of routes) {
    const names = namesIn(path.split('/'), segments);
    if (names === undefined) continue;
    // HEAD is a GET whose answer has no body.
    const asked = method === 'HEAD' ? 'GET' : method;
    const handler = Object.hasOwn(methods, asked) ? methods[asked as ArmMethod] : undefined;
    if (handler !== undefined)
      return { handler, names, access: asked === 'GET' ? 'read' : 'write' };
    const allow = Object.keys(methods).join(', ');
    const message = `There is no ${method} of this resource here: there is ${allow}.`;
    throw new ArmError(405, 'MethodNotAllowed', message, { headers: { allow } });
  }
  const message =
    'Nothing is served here under this path: accounts of Microsoft.CognitiveServices are, with their subscriptions and resource groups.';
  throw notFound('InvalidResourceType', message);
}

function namesIn(
  parts: readonly string[],
  segments: readonly string[],
): readonly string[] | undefined {
  if (parts.length !== segments.length) return undefined;
  const names: string[] = [];
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? '';
    if (part === '{}') names.push(segment);
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return names;
}
