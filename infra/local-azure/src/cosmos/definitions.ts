import type { JsonObject } from '../json.ts';
import type { Catalog, Container } from './catalog.ts';
import { parseKeyPaths } from './partition-key.ts';

/** A container that has to be there. */
export interface ContainerDefinition {
  readonly name: string;
  /** One path, or up to three of a hierarchical key. */
  readonly partitionKey: readonly string[];
  /** Default time to live; absent: items stay. */
  readonly ttlSeconds?: number;
}

export interface DatabaseDefinition {
  readonly name: string;
  readonly containers: readonly ContainerDefinition[];
}

/** Makes what is missing; a changed time to live is taken over, a changed key refuses to start. */
export function ensureDatabase(catalog: Catalog, definition: DatabaseDefinition): void {
  const { name, containers } = definition;
  if (!catalog.listDatabases().some((each) => each.id === name))
    catalog.createDatabase({ id: name });
  const known = new Map(catalog.listContainers(name).map((each) => [each.id, each]));
  for (const container of containers) ensureContainer(catalog, name, container, known);
}

function ensureContainer(
  catalog: Catalog,
  database: string,
  definition: ContainerDefinition,
  known: ReadonlyMap<string, Container>,
): void {
  const { name, ttlSeconds } = definition;
  const body = bodyOf(definition);
  const old = known.get(name);
  if (old === undefined) {
    catalog.createContainer(database, body);
    return;
  }
  const wanted = JSON.stringify(parseKeyPaths(body['partitionKey']));
  if (wanted !== JSON.stringify(old.keyPaths)) {
    const key = JSON.stringify(old.definition['partitionKey']);
    const message = `Container ${database}/${name} was made with the partition key ${key}`;
    throw new Error(`${message}, which cannot be changed: start with another data folder.`);
  }
  if (old.defaultTtl !== ttlSeconds) catalog.replaceContainer(database, name, body);
}

function bodyOf({ name, partitionKey, ttlSeconds }: ContainerDefinition): JsonObject {
  const kind = partitionKey.length > 1 ? 'MultiHash' : 'Hash';
  return {
    id: name,
    partitionKey: { paths: partitionKey, kind, version: 2 },
    ...(ttlSeconds === undefined ? {} : { defaultTtl: ttlSeconds }),
  };
}
