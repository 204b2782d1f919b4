import type { Answer } from '../http.ts';
import { ArmError } from './errors.ts';
import type { ArmRequest } from './request.ts';

export const METHODS = ['GET', 'PUT', 'PATCH', 'DELETE', 'POST'] as const;
export type Method = (typeof METHODS)[number];

/** What a handler answers; with the operation that it began, for the activity log. */
export interface ArmAnswer extends Answer {
  readonly operationId?: string;
}

/** A request at a route. */
export interface Call {
  readonly request: ArmRequest;
  /** The resource's id, its fixed words in the case of the documents, its names in the client's. */
  readonly id: string;
  /** What `**` stood for: the id of the resource that the route extends. */
  readonly scope: string;
  readonly names: Readonly<Record<string, string>>;
}

export type Handler = (call: Call) => ArmAnswer;

export interface Route {
  /** `{name}` takes one segment; `**` at the beginning takes any resource. */
  readonly path: string;
  /** Empty: any. */
  readonly apiVersions: readonly string[];
  readonly methods: Readonly<Partial<Record<Method, Handler>>>;
}

interface Found {
  readonly route: Route;
  readonly call: Call;
}

interface Compiled {
  readonly route: Route;
  /** Lower case; `undefined` takes any. */
  readonly words: readonly (string | undefined)[];
  readonly parts: readonly string[];
  readonly isExtension: boolean;
}

/** Answers a request by the first route that fits, whatever the case of its path. */
export class Router {
  private readonly routes: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.routes = routes.map(compile);
  }

  find(request: ArmRequest): Found {
    const lower = request.segments.map((segment) => segment.toLowerCase());
    for (const compiled of this.routes) {
      if (fits(compiled, lower)) return { route: compiled.route, call: callOf(compiled, request) };
    }
    throw this.unknown(request, lower);
  }

  /** Types and their api-versions, by provider: what `providers` tells. */
  providers(): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
    const found = new Map<string, Map<string, readonly string[]>>();
    for (const { path, apiVersions } of this.routes.map(({ route }) => route)) {
      const [, namespace, rest] = /providers\/([^/{]+)\/(.+)$/.exec(path) ?? [];
      if (namespace === undefined || rest === undefined || apiVersions.length === 0) continue;
      const type = rest.replaceAll(/\/\{\w+\}/g, '');
      const types = found.get(namespace) ?? new Map<string, readonly string[]>();
      found.set(namespace, types.set(type, apiVersions));
    }
    return found;
  }

  private unknown(request: ArmRequest, lower: readonly string[]): ArmError {
    const what = `${request.method} /${request.segments.join('/')}`;
    const namespace = lower[lower.lastIndexOf('providers') + 1];
    const isKnown = this.routes.some(({ words }) => {
      const at = words.lastIndexOf('providers');
      return at >= 0 && words[at + 1] === namespace;
    });
    const code = isKnown ? 'InvalidResourceType' : 'InvalidResourceNamespace';
    const message = `${what} is not supported: docs/local-azure.md lists what the embedded Azure serves.`;
    return new ArmError(404, code, message);
  }
}

/** Runs the route's handler for the method, after its api-version. */
export function answerAt({ route, call }: Found): ArmAnswer {
  checkApiVersion(route, call.request.apiVersion);
  const { method } = call.request;
  if (method === 'HEAD' && route.methods.GET !== undefined) {
    // Whether it is there: 204, or the error of the GET, without a body.
    route.methods.GET(call);
    return { status: 204 };
  }
  const handler = route.methods[method as Method];
  if (handler !== undefined && METHODS.includes(method as Method)) return handler(call);
  const allowed = Object.keys(route.methods).join(', ');
  const message = `No ${method} of /${call.request.segments.join('/')}: there is ${allowed}.`;
  throw new ArmError(405, 'MethodNotAllowed', message, { allow: allowed });
}

function checkApiVersion({ apiVersions, path }: Route, given: string): void {
  if (apiVersions.length === 0 || apiVersions.includes(given)) return;
  if (given === '') {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    throw new ArmError(400, 'MissingApiVersionParameter', message);
  }
  const known = `The supported api-versions are '${apiVersions.join(', ')}'.`;
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(given)) {
    const message = `The api-version '${given}' is invalid. ${known}`;
    throw new ArmError(400, 'InvalidApiVersionParameter', message);
  }
  const type = path.replace(/^.*providers\//, '').replaceAll(/\/\{\w+\}/g, '');
  const message = `No registered resource provider found for API version '${given}' for type '${type}'. ${known}`;
  throw new ArmError(400, 'NoRegisteredProviderFound', message);
}

/** A name in the route's path; a programmer's error where the path has none. */
export function nameOf(call: Call, name: string): string {
  const found = call.names[name];
  if (found === undefined) throw new Error(`The route of ${call.id} has no {${name}}.`);
  return found;
}

export const json = (status: number, value: object): ArmAnswer => ({
  status,
  body: JSON.stringify(value),
});

function compile(route: Route): Compiled {
  const isExtension = route.path.startsWith('**/');
  const parts = (isExtension ? route.path.slice(3) : route.path).split('/');
  const words = parts.map((part) => (part.startsWith('{') ? undefined : part.toLowerCase()));
  return { route, words, parts, isExtension };
}

function fits({ words, isExtension }: Compiled, lower: readonly string[]): boolean {
  const rest = lower.length - words.length;
  if (isExtension ? rest < 1 : rest !== 0) return false;
  return words.every((word, index) => word === undefined || word === lower[rest + index]);
}

function callOf({ parts, isExtension }: Compiled, request: ArmRequest): Call {
  const { segments } = request;
  const rest = isExtension ? segments.length - parts.length : 0;
  const given = parts.map((part, index) => [part, segments[rest + index] ?? ''] as const);
  const words = given.map(([part, segment]) => (part.startsWith('{') ? segment : part));
  const named = given.filter(([part]) => part.startsWith('{'));
  const scope = segments.slice(0, rest).map((segment) => `/${segment}`);
  return {
    request,
    scope: scope.join(''),
    id: [...scope, ...words.map((word) => `/${word}`)].join(''),
    names: Object.fromEntries(named.map(([part, segment]) => [part.slice(1, -1), segment])),
  };
}
