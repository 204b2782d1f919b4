import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idOf } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { knownSettings } from '@headroom/settings';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { withStores } from '../connections.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { printable } from '../text/printable.ts';
import { findKnownTarget, shortName } from '../text/target-name.ts';

export interface ExportOptions {
  readonly data: string;
  readonly all: boolean;
  /** A folder; standard output when absent. */
  readonly out?: string;
}

interface Exported {
  readonly target: TargetId;
  readonly document: unknown;
}

/** `headroom export TARGET… | --all`. */
export async function exportSettings(
  texts: readonly string[],
  { data, all, out }: ExportOptions,
  around: Surroundings,
): Promise<ExitCode> {
  if (all === texts.length > 0) throw new CommandFailed('give one or more targets, or --all');
  return withStores(data, around, async ({ settings }) => {
    const targets = await targetsOf(texts, settings);
    const read = await Promise.all(targets.map((target) => documentOf(target, settings)));
    const found = read.flatMap((one) => one ?? []);
    if (out !== undefined) await writeEach(found, out, around);
    else if (all || found.length > 1)
      print(
        found.map(({ document }) => document),
        around,
      );
    else for (const { document } of found) print(document, around);
    if (found.length === 0) around.err('Nothing is in force: there is nothing to export.\n');
    return 0;
  });
}

/** Of every setting that was not deleted, where no text names one; by their ids then. */
async function targetsOf(
  texts: readonly string[],
  store: SettingStore,
): Promise<readonly TargetId[]> {
  const settings = await knownSettings(store);
  const known = settings
    .filter(({ content }) => content.kind !== 'tombstone')
    .map(({ target }) => target)
    .sort();
  if (texts.length === 0) return known;
  const found = texts.map((text) => {
    const target = findKnownTarget(text, known);
    if (!target.ok) throw new CommandFailed(target.error);
    return target.value;
  });
  return [...new Set(found)];
}

/** Absent where it was deleted meanwhile. What cannot be read any more can still be exported. */
async function documentOf(target: TargetId, store: SettingStore): Promise<Exported | undefined> {
  const document = (await store.read(target))?.document;
  return document === undefined || document === null ? undefined : { target, document };
}

function print(document: unknown, around: Surroundings): void {
  // JSON reads what is made printable as the same characters; the line breaks are ours.
  for (const line of textOf(document).split('\n')) around.out(`${printable(line)}\n`);
}

function textOf(document: unknown): string {
  return JSON.stringify(document, undefined, 2);
}

async function writeEach(
  found: readonly Exported[],
  folder: string,
  around: Surroundings,
): Promise<void> {
  const names = fileNames(found.map(({ target }) => target));
  try {
    await mkdir(folder, { recursive: true });
    for (const { target, document } of found) {
      const path = join(folder, names.get(target) ?? '');
      await writeFile(path, `${textOf(document)}\n`);
      around.out(`${printable(`${shortName(target)}: ${path}`)}\n`);
    }
  } catch (error) {
    throw new CommandFailed(`${folder} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** `chat-blue.json`; with a piece of the id's hash where another target has the same name. */
function fileNames(targets: readonly TargetId[]): ReadonlyMap<TargetId, string> {
  const counts = new Map<string, number>();
  for (const target of targets) counts.set(stemOf(target), (counts.get(stemOf(target)) ?? 0) + 1);
  return new Map(
    targets.map((target) => {
      const stem = stemOf(target);
      const own = counts.get(stem) === 1 ? stem : `${stem}-${idOf(target).slice(0, 12)}`;
      return [target, `${own}.json`];
    }),
  );
}

/** Nothing in it leads out of the folder, nor asks for quotes. */
function stemOf(target: TargetId): string {
  const stem = shortName(target).replaceAll(/[^\w.-]+/g, '-');
  return stem.replace(/^[.-]+/, '').slice(0, stemLengthMax) || 'setting';
}

const stemLengthMax = 100;
