import { editDistance, failed, ok } from '@headroom/core';
import type { Problem, Result } from '@headroom/core';
import type { z } from 'zod';

export type JsonObject = { readonly [key: string]: unknown };

/** Most problems that are told of one document; more do not help its author. */
const problemsMax = 100;

export function parseJson(
  bytes: Uint8Array,
  bytesMax: number,
): Result<unknown, readonly Problem[]> {
  if (bytes.length > bytesMax) {
    const message = `${bytes.length} bytes are too many: at most ${bytesMax} are read`;
    return failed([{ field: '', message }]);
  }
  try {
    return ok(JSON.parse(textOf(bytes)) as unknown);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return failed([{ field: '', message: `this is not JSON: ${cause}` }]);
  }
}

/** The bytes as UTF-8, without copying them first. */
export function textOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('utf8');
}

export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How many bytes a value takes in a message. */
export function jsonBytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** `value`, or that it takes too many bytes in a message. */
export function withinBytes<T extends object>(
  value: T,
  bytesMax: number,
  advice: string,
): Result<T, readonly Problem[]> {
  const bytes = jsonBytesOf(value);
  if (bytes <= bytesMax) return ok(value);
  const message = `${bytes} bytes are too many: at most ${bytesMax} are kept; ${advice}`;
  return failed([{ field: '', message }]);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function problemsOf(error: z.ZodError): readonly Problem[] {
  return error.issues.flatMap(problemsOfIssue).slice(0, problemsMax);
}

function problemsOfIssue(issue: z.core.$ZodIssue): readonly Problem[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: fieldOf([...path, key]), message }));
  }
  const code: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  const problem = { field: fieldOf(path), message };
  return [typeof code === 'string' ? { ...problem, code } : problem];
}

/** A path as its author would write it: `profiles[0].capacity.maximum`. */
export function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

/** For a strict object: says which members it has, and which is meant, or that it is none. */
export function unknownMembers(names: readonly string[], otherwise = 'expected a JSON object') {
  const known = names.join(', ');
  return {
    error: (issue: { readonly code: string; readonly keys?: readonly string[] }): string => {
      if (issue.code !== 'unrecognized_keys') return otherwise;
      const meant = meantBy(issue.keys ?? [], names);
      return meant === undefined
        ? `no such member: there are ${known}`
        : `no such member: write ${meant}; there are ${known}`;
    },
  };
}

/** The member that a single unknown key looks like. */
function meantBy([key, ...others]: readonly string[], names: readonly string[]) {
  if (key === undefined || others.length > 0) return undefined;
  return names.find((name) => editDistance(key, name) <= Math.min(2, Math.floor(name.length / 2)));
}
