import { CommandFailed, messageOf } from '../command-failed.ts';
import { armOptions } from '../connections.ts';
import type { Environment } from '@headroom/runtime';
import { readDocument } from './read-document.ts';

/** A document to be imported, with the place by which a person finds it. */
export interface Imported {
  readonly place: string;
  readonly document: unknown;
}

/** Largest file that is read: thousands of settings. */
const listBytesMax = 64_000_000;

/** The documents of files with an object, an array or `{"value": […]}`. Throws `CommandFailed` where a file has no JSON. */
export async function documentsOf(files: readonly string[]): Promise<readonly Imported[]> {
  const read: Imported[] = [];
  for (const file of files) {
    const content = await readDocument(file, listBytesMax);
    const list = listOf(content);
    const found = list ?? [content];
    read.push(
      ...found.map((document, index) => ({
        place: list === undefined ? file : `${file}[${index}]`,
        document: nested(document),
      })),
    );
  }
  return read;
}

/** The settings of a subscription or one of its groups. Throws `CommandFailed` that says why it cannot have them. */
export async function documentsIn(
  subscription: string,
  resourceGroup: string | undefined,
  env: Environment,
): Promise<readonly Imported[]> {
  const { connectMonitor } = await import('@headroom/azure-monitor');
  const scope = { subscription, ...(resourceGroup === undefined ? {} : { resourceGroup }) };
  try {
    const found = await connectMonitor(armOptions(env)).settingsIn(scope);
    return found.map((document, index) => ({ place: idOf(document) ?? `[${index}]`, document }));
  } catch (error) {
    throw new CommandFailed(messageOf(error), { cause: error });
  }
}

function listOf(content: unknown): readonly unknown[] | undefined {
  const list = isObject(content) && 'value' in content ? content['value'] : content;
  return Array.isArray(list) ? (list as readonly unknown[]) : undefined;
}

/** What a resource has beside its properties. */
const outer = ['id', 'name', 'type', 'location', 'tags', 'kind', 'etag', 'systemData'];

/** `az monitor autoscale` prints the properties flat, with the resource group beside them: this is what ARM has. */
function nested(document: unknown): unknown {
  if (!isObject(document) || 'properties' in document || !('profiles' in document)) return document;
  const members = Object.entries(document).filter(([name]) => name !== 'resourceGroup');
  const properties = members.filter(([name]) => !outer.includes(name));
  const beside = members.filter(([name]) => outer.includes(name));
  return { ...Object.fromEntries(beside), properties: Object.fromEntries(properties) };
}

function idOf(document: unknown): string | undefined {
  const id = isObject(document) ? document['id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
