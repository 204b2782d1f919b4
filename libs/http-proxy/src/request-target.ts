import type { Result } from '@headroom/core';

/** What a request line asks for: its path says one thing only, to the limits here and to the backend. */
export interface RequestTarget {
  /** As it came: what is sent on. */
  readonly path: string;
  /** Without percent-encoding: what limits are matched with. */
  readonly decoded: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/** Longer request targets are refused. */
export const targetCharactersMax = 8_192;

const pathPattern = /^(\/[\w\-.~!$&'()*+,;=:@%]+)+\/?$|^\/$/;
const queryPattern = /^\?[\x21\x22\x24-\x7e]*$|^$/;
const encodedSyntax = /%(?:2e|2f|5c|25|3b|[01][0-9a-f]|7f)/i;
const dotSegment = /(^|\/)\.\.?(;[^/]*)?(\/|$)/;
/** Azure takes a key here too; a key in an address ends in every log on the way. */
const keyInQuery = /[?&](subscription-key|api-key|code|sig)=/i;

/**
 * Reads a request target in origin form. The answer of a refusal names what is wrong, for the client: an absolute or
 * authority form, dot segments, empty segments, backslashes, encoded syntax (`%2e`, `%2f`, `%5c`, `%25`), controls.
 */
export function requestTarget(url: string): Result<RequestTarget, string> {
  if (url.length > targetCharactersMax) return refused('The address is too long.');
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  const query = at === -1 ? '' : url.slice(at);
  const problem = pathProblem(path) ?? queryProblem(query);
  if (problem !== undefined) return refused(problem);
  const decoded = decodedOf(path);
  if (decoded === undefined) return refused('The path has broken percent-encoding.');
  return { ok: true, value: { path, decoded, query } };
}

function refused(error: string): Result<RequestTarget, string> {
  return { ok: false, error };
}

function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'Only a path is taken as address, none with a host.';
  if (path.includes('//')) return 'The path has an empty segment.';
  if (encodedSyntax.test(path)) {
    return 'The path has an encoded dot, slash, backslash, percent or control.';
  }
  if (dotSegment.test(path)) return 'The path has a dot segment.';
  if (!pathPattern.test(path)) return 'The path has a character that no path may have.';
  return undefined;
}

function queryProblem(query: string): string | undefined {
  if (!queryPattern.test(query)) return 'The query has a character that no query may have.';
  if (keyInQuery.test(query)) return 'A key belongs into a header, not into the address.';
  return undefined;
}

function decodedOf(path: string): string | undefined {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // Not UTF-8, or a percent sign without its two digits.
    return undefined;
  }
}
