import { readFile, stat } from 'node:fs/promises';
import type { Policy, Problem, Result } from '@headroom/core';
import type { AnyPolicy } from '@headroom/settings';
import { parsePolicy, parsePolicyOf, parseShadowPolicy } from '@headroom/wire';
import type { DocumentKind } from '@headroom/wire';
import { parse } from 'yaml';
import { CommandFailed, messageOf } from '../command-failed.ts';

/** Largest setting that is read. Azure's own limits (20 profiles of 10 rules) stay far below. */
export const settingBytesMax = 1_000_000;

/** A file's JSON. Throws `CommandFailed` that says what is wrong with the file. */
export async function readDocument(path: string, bytesMax?: number): Promise<unknown> {
  const text = await readText(path, bytesMax);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CommandFailed(
      `${path} is no JSON: ${messageOf(error)}. Expected the ARM JSON of an autoscale setting or an AI services account, or a quota pool`,
    );
  }
}

/** A policy document in YAML or JSON. Throws `CommandFailed` that names every problem with its place. */
export async function readPolicy(path: string): Promise<Policy> {
  return checked(parsePolicy(yamlOf(await readText(path), path)), path);
}

/** The same, of a policy for a document of that kind. */
export async function readPolicyOf(kind: DocumentKind, path: string): Promise<AnyPolicy> {
  const page = kind === 'setting' ? 'docs/options.md' : 'docs/rate-limits.md';
  return checked(parsePolicyOf(kind, yamlOf(await readText(path), path)), path, page);
}

/** The same, of a policy for a shadow. */
export async function readShadowPolicy(path: string): Promise<unknown> {
  const document = yamlOf(await readText(path), path);
  checked(
    parseShadowPolicy(document),
    path,
    'docs/shadows.md says what is different;\ndocs/options.md',
  );
  return document;
}

function checked<T>(
  parsed: Result<T, readonly Problem[]>,
  path: string,
  page = 'docs/options.md',
): T {
  if (parsed.ok) return parsed.value;
  const problems = parsed.error.map(
    ({ field, message }) => `${path}: ${field === '' ? 'the document' : field}: ${message}`,
  );
  throw new CommandFailed(`${problems.join('\n')}\n${page} lists the options.`);
}

/** JSON is YAML. */
function yamlOf(text: string, path: string): unknown {
  try {
    return parse(text, { logLevel: 'error' }) as unknown;
  } catch (error) {
    throw new CommandFailed(`${path} is neither YAML nor JSON: ${messageOf(error)}`);
  }
}

async function readText(path: string, bytesMax = settingBytesMax): Promise<string> {
  try {
    const { size } = await stat(path);
    // Editors on Windows begin a file with a byte order mark.
    if (size <= bytesMax) return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read: ${messageOf(error)}`);
  }
  throw new CommandFailed(`${path} is too large: more than ${bytesMax} bytes`);
}
