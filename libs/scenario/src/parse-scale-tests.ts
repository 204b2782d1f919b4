import type {
  AiAccount,
  AutoscaleSetting,
  Policy,
  Problem,
  RateLimitPolicy,
  Result,
} from '@headroom/core';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { documentSchema } from './document.ts';
import { limitDocumentSchema } from './limit-document.ts';
import { limitTestOf } from './limit-test-of.ts';
import { fileCharactersMax, problemsMax, testsPerFileMax } from './limits.ts';
import { fieldText, pathOf, YamlFile } from './places.ts';
import type { Path } from './places.ts';
import type { ScaleTest } from './scale-test.ts';
import { scaleTestOf } from './scale-test-of.ts';
import type { DocumentPlace } from './test-parts.ts';

/** What the reader of scale tests does not know itself: the contracts of settings and policies, and other files. */
export interface ScaleTestReaders {
  /** The ARM JSON of a setting. */
  readonly setting: (document: unknown) => Result<AutoscaleSetting, readonly Problem[]>;
  /** The `options` of a setting. */
  readonly policy: (document: unknown) => Result<Policy, readonly Problem[]>;
  /** The ARM JSON of an AI services account. */
  readonly account: (document: unknown) => Result<AiAccount, readonly Problem[]>;
  /** The `options` of an account's limits. */
  readonly limitPolicy: (document: unknown) => Result<RateLimitPolicy, readonly Problem[]>;
  /** The JSON that a test names by its path, relative to the test's file. Throws an error whose message says why not. */
  readonly file: (path: string) => unknown;
}

/** What one file holds. A test that cannot be read does not keep the others from running. */
export interface ParsedScaleTests {
  readonly tests: readonly ScaleTest[];
  readonly problems: readonly ScaleTestProblem[];
}

export interface ScaleTestProblem {
  readonly file: string;
  readonly line: number;
  /** Path of keys: `input[0].values`; empty for the whole document. */
  readonly field: string;
  /** What is wrong and how to mend it. */
  readonly message: string;
}

/** Reads the YAML documents of one file. `file` is how the file is called in names and problems. */
export function parseScaleTests(
  text: string,
  file: string,
  readers: ScaleTestReaders,
): ParsedScaleTests {
  if (text.length > fileCharactersMax) {
    return refused(file, `larger than ${fileCharactersMax} characters: part it into several files`);
  }
  const yaml = new YamlFile(text);
  const { documents } = yaml;
  if (documents.length === 0) return refused(file, 'no test in it: see docs/scale-tests.md');
  if (documents.length > testsPerFileMax) {
    return refused(file, `more than ${testsPerFileMax} tests: part it into several files`);
  }
  const tests: ScaleTest[] = [];
  const problems: ScaleTestProblem[] = [];
  for (const [index, document] of documents.entries()) {
    const found = new DocumentReader(yaml, document, file, readers);
    const test = found.read(index);
    if (test !== undefined) tests.push(test);
    problems.push(...found.problems);
  }
  return { tests, problems: problems.slice(0, problemsMax) };
}

function refused(file: string, message: string): ParsedScaleTests {
  return { tests: [], problems: [{ file, line: 1, field: '', message }] };
}

/** Reads one document and collects what is wrong with it. */
class DocumentReader {
  readonly problems: ScaleTestProblem[] = [];
  readonly #yaml: YamlFile;
  readonly #document: Document.Parsed;
  readonly #file: string;
  readonly #readers: ScaleTestReaders;

  constructor(yaml: YamlFile, document: Document.Parsed, file: string, readers: ScaleTestReaders) {
    this.#yaml = yaml;
    this.#document = document;
    this.#file = file;
    this.#readers = readers;
  }

  read(index: number): ScaleTest | undefined {
    for (const { pos, message } of this.#document.errors) {
      this.#add(this.#yaml.lineAt(pos[0]), '', `no YAML: ${message}`);
    }
    const plain = this.problems.length > 0 ? undefined : this.#plain();
    if (plain === undefined) return undefined;
    const line = this.#yaml.lineOf(this.#document, []);
    const lineOf = (path: Path) => this.#yaml.lineOf(this.#document, path);
    const place = { file: this.#file, line, lineOf };
    const read = isOfLimits(plain.value)
      ? this.#limitTest(plain.value, index, place)
      : this.#settingTest(plain.value, index, place);
    if (read === undefined || read.ok) return read?.value;
    this.#note(read.error.path, read.error.message);
    return undefined;
  }

  #settingTest(plain: unknown, index: number, place: Place) {
    const document = this.#shape(plain, documentSchema);
    if (document === undefined) return undefined;
    const setting = this.#named('setting', document.setting, this.#readers.setting);
    const policy = this.#options(['options'], document.options, this.#readers.policy);
    if (setting === undefined || policy === undefined) return undefined;
    const name = document.name ?? `test ${index + 1}`;
    return scaleTestOf(document, { setting, policy, name, ...place });
  }

  #limitTest(plain: unknown, index: number, place: Place) {
    const document = this.#shape(plain, limitDocumentSchema);
    if (document === undefined) return undefined;
    const { limitPolicy } = this.#readers;
    const account = this.#named('ratelimit', document.ratelimit, this.#readers.account);
    const policy = this.#options(['options'], document.options, limitPolicy);
    const policies = new Map<number, RateLimitPolicy>();
    for (const [event, { options }] of document.events.entries()) {
      if (options === undefined) continue;
      const whole = { ...document.options, ...options };
      const changed = this.#options(['events', event, 'options'], whole, limitPolicy);
      if (changed !== undefined) policies.set(event, changed);
    }
    if (account === undefined || policy === undefined || this.problems.length > 0) return undefined;
    const name = document.name ?? `test ${index + 1}`;
    return limitTestOf(document, { account, policy, policies, name, ...place });
  }

  /** The keys. */
  #shape<Schema extends z.ZodType>(plain: unknown, schema: Schema): z.output<Schema> | undefined {
    const parsed = schema.safeParse(plain);
    if (parsed.success) return parsed.data;
    // A key that is not known explains another one that is missing.
    const isUnknown = (issue: z.core.$ZodIssue) => issue.code === 'unrecognized_keys';
    const issues = parsed.error.issues;
    for (const issue of [...issues.filter(isUnknown), ...issues.filter((one) => !isUnknown(one))]) {
      const path = issue.code === 'unrecognized_keys' ? unknownPath(issue) : issue.path;
      const missing = path.length > 0 && memberOf(plain, path) === undefined;
      this.#note(path, missing ? `missing: ${issue.message}` : issue.message);
    }
    return undefined;
  }

  /** YAML's aliases can make a small text a huge value: the library has a limit for them and throws. */
  #plain(): { readonly value: unknown } | undefined {
    try {
      return { value: this.#document.toJS() as unknown };
    } catch (error) {
      this.#note([], messageOf(error));
      return undefined;
    }
  }

  /** The subject of the test: the object itself, or the path of a file that holds it. */
  #named<T>(
    key: string,
    written: string | Readonly<Record<string, unknown>>,
    read: (document: unknown) => Result<T, readonly Problem[]>,
  ): T | undefined {
    const inline = typeof written !== 'string';
    try {
      const parsed = read(inline ? written : this.#readers.file(written));
      if (parsed.ok) return parsed.value;
      for (const { field, message } of parsed.error) {
        if (inline) this.#note([key, ...pathOf(field)], message);
        else this.#note([key], `${written}: ${field === '' ? '' : `${field}: `}${message}`);
      }
    } catch (error) {
      // The reader's own word on a file that is not there or no JSON; for an inline one nothing is thrown.
      if (inline) throw error;
      this.#note([key], messageOf(error));
    }
    return undefined;
  }

  #options<T>(
    path: Path,
    options: unknown,
    read: (document: unknown) => Result<T, readonly Problem[]>,
  ): T | undefined {
    const parsed = read(options);
    if (parsed.ok) return parsed.value;
    for (const { field, message } of parsed.error) this.#note([...path, ...pathOf(field)], message);
    return undefined;
  }

  #note(path: Path, message: string): void {
    this.#add(this.#yaml.lineOf(this.#document, path), fieldText(path), message);
  }

  #add(line: number, field: string, message: string): void {
    this.problems.push({ file: this.#file, line, field, message });
  }
}

type Place = Pick<DocumentPlace, 'file' | 'line' | 'lineOf'>;

/** Its key tells what a test is about. */
function isOfLimits(plain: unknown): boolean {
  return typeof plain === 'object' && plain !== null && 'ratelimit' in plain;
}

function unknownPath({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): Path {
  return [...path, ...keys.slice(0, 1)];
}

function memberOf(value: unknown, path: Path): unknown {
  let member = value;
  for (const key of path) {
    if (typeof member !== 'object' || member === null) return undefined;
    member = (member as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return member;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
