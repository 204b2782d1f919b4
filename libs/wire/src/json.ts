import { failed, ok } from '@headroom/core';
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

/** For a strict object: says which members it has, or that it is none. */
export function unknownMembers(names: readonly string[], otherwise = 'expected a JSON object') {
  const known = names.join(', ');
  return {
    error: ({ code }: { readonly code: string }): string =>
      code === 'unrecognized_keys' ? `no such member: there are ${known}` : otherwise,
  };
}
