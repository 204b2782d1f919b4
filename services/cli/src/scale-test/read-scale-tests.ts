import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseScaleTests } from '@headroom/scenario';
import type { ParsedScaleTests } from '@headroom/scenario';
import {
  parseAccount,
  parseAutoscaleSetting,
  parsePolicy,
  parseRateLimitPolicy,
} from '@headroom/wire';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { settingBytesMax } from '../settings/read-document.ts';

/** Largest file of scale tests. */
const fileBytesMax = 8_000_000;

/** The scale tests of a file; a file that cannot be read is a problem as well. Settings and accounts lie relative to it. */
export function readScaleTests(file: string): ParsedScaleTests {
  try {
    return parseScaleTests(textOf(file, fileBytesMax), file, {
      setting: parseAutoscaleSetting,
      policy: parsePolicy,
      account: parseAccount,
      limitPolicy: parseRateLimitPolicy,
      file: (path) => jsonOf(resolve(dirname(file), path)),
    });
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    return { tests: [], problems: [{ file, line: 0, field: '', message: error.message }] };
  }
}

/** A setting beside the test. Throws `CommandFailed` that names it. */
function jsonOf(path: string): unknown {
  try {
    return JSON.parse(textOf(path, settingBytesMax)) as unknown;
  } catch (error) {
    const what = error instanceof SyntaxError ? 'is no JSON: ' : '';
    throw new CommandFailed(`${path} ${what}${messageOf(error)}`);
  }
}

/** Throws `CommandFailed` that says why not, without the path. */
function textOf(path: string, bytesMax: number): string {
  try {
    const { size } = statSync(path);
    // Editors on Windows begin a file with a byte order mark.
    if (size <= bytesMax) return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new CommandFailed(`cannot be read: ${messageOf(error)}`);
  }
  throw new CommandFailed(`is too large: more than ${bytesMax} bytes`);
}
