import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { LocalEntities } from '../entities.ts';
import { isObject, parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import { configShape } from './config-shape.ts';
import { eventHubsEmulator, serviceBusEmulator } from './emulator-shape.ts';

/** A configuration file cannot be used. The message names the file and each field. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads what shall be served from files: ours, or the `Config.json` of Microsoft's emulators of
 * Event Hubs and Service Bus. Several files are taken together. Throws `ConfigError`.
 */
export function readConfig(files: readonly string[]): LocalEntities {
  const parts = files.map((file) => parseConfig(file, textOf(file)));
  const entities = {
    amqp: {
      eventHubs: parts.flatMap(({ amqp }) => amqp.eventHubs),
      queues: parts.flatMap(({ amqp }) => amqp.queues),
      topics: parts.flatMap(({ amqp }) => amqp.topics),
    },
    databases: parts.flatMap(({ databases }) => databases),
  };
  checkNames(files, entities);
  return entities;
}

export function parseConfig(file: string, text: string): LocalEntities {
  const value = parseJson(text);
  if (value === undefined) throw new ConfigError(`${file} is no JSON.`);
  const parsed = shapeOf(value).safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${pathText(issue.path)}: ${issue.message}`);
  throw new ConfigError([`${file} cannot be used:`, ...lines].join('\n'));
}

/** The emulators' files have all below `UserConfig`. */
function shapeOf(value: Json): z.ZodType<LocalEntities> {
  const user = isObject(value) ? value['UserConfig'] : undefined;
  if (user === undefined) return configShape;
  return isObject(user) && 'NamespaceConfig' in user ? eventHubsEmulator : serviceBusEmulator;
}

/** `queues[0].lockSeconds` */
function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('');
  return text === '' ? 'the file' : text.replace(/^\./, '');
}

function checkNames(files: readonly string[], { amqp, databases }: LocalEntities): void {
  const names = [
    amqp.eventHubs.map(({ name }) => `event hub '${name}'`),
    [...amqp.queues, ...amqp.topics].map(({ name }) => `queue or topic '${name}'`),
    databases.map(({ name }) => `database '${name}'`),
  ].flatMap((list) => list.map((each) => each.toLowerCase()));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new ConfigError(
    `The ${twice} is there twice in ${files.join(' and ')}: give it another name.`,
  );
}

const knownReasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder',
};

function textOf(file: string): string {
  try {
    // Editors on Windows begin a file with a byte order mark.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = knownReasons[code] ?? String(cause);
    throw new ConfigError(`The configuration ${file} cannot be read: ${why}.`, { cause });
  }
}
