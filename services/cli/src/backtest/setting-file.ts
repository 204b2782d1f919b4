import { access } from 'node:fs/promises';
import type { AutoscaleSetting } from '@headroom/core';
import { documentKind, parseAutoscaleSetting } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { readDocument } from '../settings/read-document.ts';
import { problemText } from '../text/problem-text.ts';

/** The autoscale setting of a file. Throws `CommandFailed` that names every problem with its place. */
export async function readSettingFile(file: string): Promise<AutoscaleSetting> {
  const document = await readDocument(file);
  if (documentKind(document) !== 'setting') {
    throw new CommandFailed(
      `${file} is an account or a quota pool: a backtest is of an autoscale setting`,
    );
  }
  const parsed = parseAutoscaleSetting(document);
  if (parsed.ok) return parsed.value;
  throw new CommandFailed(parsed.error.map((one) => `${file}: ${problemText(one)}`).join('\n'));
}

/** A text that is a file here, or called like one; any other names a target. */
export async function isFile(text: string): Promise<boolean> {
  if (text.endsWith('.json')) return true;
  return access(text).then(
    () => true,
    () => false,
  );
}
