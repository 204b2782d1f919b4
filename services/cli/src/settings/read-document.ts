import { readFile, stat } from 'node:fs/promises';
import { CommandFailed, messageOf } from '../command-failed.ts';

/** Largest setting that is read. Azure's own limits (20 profiles of 10 rules) stay far below. */
export const settingBytesMax = 1_000_000;

/** A file's JSON. Throws `CommandFailed` that says what is wrong with the file. */
export async function readDocument(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    // Editors on Windows begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    throw new CommandFailed(
      `${path} is no JSON: ${messageOf(error)}. Expected an ARM autoscale setting: { "location": …, "properties": { … } }`,
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size <= settingBytesMax) return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read: ${messageOf(error)}`);
  }
  throw new CommandFailed(`${path} is too large for a setting: more than ${settingBytesMax} bytes`);
}
