import { assert, failed, ok } from '@headroom/core';
import type { Problem, Result } from '@headroom/core';
import type { z } from 'zod';
import { parseJson, problemsOf } from './json.ts';
import type { JsonObject } from './json.ts';

/** The version that this code writes, and the only one that it understands so far. */
export const contractVersion = 1;

/**
 * Longest message or document, in bytes; below the 256 kB of a Service Bus message with its
 * properties.
 */
export const messageBytesMax = 250_000;

/** What crosses a process boundary: a value of the domain with `v`, the version of its form. */
export interface Contract<T> {
  /** Asserts that what it makes can be decoded: a sender never leaves a riddle to its readers. */
  encode(value: T): JsonObject;
  decode(document: unknown): Result<T, readonly Problem[]>;
  encodeBytes(value: T): Uint8Array;
  decodeBytes(bytes: Uint8Array): Result<T, readonly Problem[]>;
}

/** `schema` describes version 1 without its `v`; members that it does not know are passed over. */
export function contract<T extends object>(
  name: string,
  schema: z.ZodType<T>,
  bytesMax = messageBytesMax,
): Contract<T> {
  const encode = (value: T): JsonObject => {
    const parsed = schema.safeParse(value);
    const reason = parsed.success ? '' : parsed.error.message;
    assert(parsed.success, `cannot encode this ${name}: ${reason}`);
    return { v: contractVersion, ...parsed.data };
  };
  const decode = (document: unknown): Result<T, readonly Problem[]> => {
    const problem = versionProblem(document);
    if (problem !== undefined) return failed([problem]);
    const parsed = schema.safeParse(document);
    return parsed.success ? ok(parsed.data) : failed(problemsOf(parsed.error));
  };
  return {
    encode,
    decode,
    encodeBytes(value) {
      const bytes = Buffer.from(JSON.stringify(encode(value)));
      assert(bytes.length <= bytesMax, `this ${name} has ${bytes.length} bytes`);
      return bytes;
    },
    decodeBytes(bytes) {
      const document = parseJson(bytes, bytesMax);
      return document.ok ? decode(document.value) : document;
    },
  };
}

/** Says what is wrong with the version of a document, if anything. */
export function versionProblem(document: unknown): Problem | undefined {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return { field: '', message: 'expected a JSON object with a member v' };
  }
  const v = 'v' in document ? document.v : undefined;
  if (v === contractVersion) return undefined;
  const found = v === undefined ? 'no version' : `version ${JSON.stringify(v)}`;
  const understood = `this code understands version ${contractVersion} only`;
  return { field: 'v', message: `${found} found; ${understood}: upgrade it, or send that version` };
}
