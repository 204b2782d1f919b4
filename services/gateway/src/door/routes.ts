import type { TargetId } from '@headroom/core';
import type { Backend, RequestTarget } from '@headroom/http-proxy';

/** Where calls under a path go. */
export interface Route {
  /** Without a slash at its end; empty: every path that no other route has. */
  readonly path: string;
  readonly account: TargetId;
  readonly backend: Backend;
}

/** What a call asks of its account: the path without the route's. */
export interface Routed {
  readonly route: Route;
  /** As it came, with its query: what is sent on. */
  readonly sent: string;
  /** Decoded: what limits are matched with. */
  readonly path: string;
}

export type RouteOf = (target: RequestTarget) => Routed | undefined;

/** The longest path wins. A route's path is taken as it is written, never percent-encoded. */
export function routing(routes: readonly Route[]): RouteOf {
  const longestFirst = [...routes].sort((a, b) => b.path.length - a.path.length);
  return ({ path, decoded, query }) => {
    const route = longestFirst.find((one) => path.startsWith(`${one.path}/`));
    if (route === undefined) return undefined;
    const { length } = route.path;
    return { route, sent: path.slice(length) + query, path: decoded.slice(length) };
  };
}
