import type { Container, FeedOptions, JSONValue, OperationInput, Resource } from '@azure/cosmos';
import type { JsonObject } from '@headroom/wire';
import { CosmosRefused, failureOf, isMissingContainer, statusOf } from './errors.ts';

/** One call, retries of the SDK included. */
const callLimitMs = 15_000;
/** Documents of one page of a query; the service cuts at 4 MB before that. */
const pageDocuments = 500;
/** The id is taken, it is gone, it is another one now. */
const lostRace: ReadonlySet<number> = new Set([409, 404, 412]);
/** Pages of changes that one call brings; the next call goes on from there. */
const changePagesMax = 100;

export type Key = string | readonly string[];
export type Document = JsonObject & { readonly id: string };

/** A document as it is stored. */
export interface Stored {
  /** With the system's own members, whose names begin with `_`. */
  readonly document: JsonObject;
  readonly etag: string;
  /** The store's clock in seconds, as milliseconds. */
  readonly modifiedAtMs: number;
}

/** A document to create, or to put in the place of the one that `etag` names. */
export interface Write {
  readonly document: Document;
  readonly etag?: string;
}

/** The service's limit of operations that go together. */
export const togetherMax = 100;

export interface Sql {
  readonly query: string;
  readonly parameters: readonly { readonly name: string; readonly value: string | number }[];
}

/** Reads what was written to the container since the call before; the first call only marks the place. */
export type ChangeReader = () => Promise<readonly Stored[]>;

/** One container. Absence and lost races are answers here, everything else is thrown as `failureOf` says. */
export class Documents {
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
  }

  async read(id: string, key: Key): Promise<Stored | undefined> {
    const item = this.#container.item(id, partitionKey(key));
    const { resource, statusCode, substatus } = await this.#call(`reading ${id}`, (abortSignal) =>
      item.read<JsonObject>({ abortSignal }),
    );
    if (statusCode === 404 && isMissingContainer({ substatus })) {
      throw new CosmosRefused(this.#doing(`reading ${id}`), 404, 'there is no such container.');
    }
    return resource === undefined ? undefined : stored(resource);
  }

  /** `undefined`: the id is taken. */
  create(document: Document): Promise<Stored | undefined> {
    return this.#unless([409], `creating ${document.id}`, async (abortSignal) => {
      const { resource } = await this.#container.items.create<Document>(document, { abortSignal });
      return resource;
    });
  }

  /** `undefined`: it is not the one that `etag` names any more. */
  async replace(document: Document, key: Key, etag: string): Promise<Stored | undefined> {
    const accessCondition = { type: 'IfMatch', condition: etag };
    const item = this.#container.item(document.id, partitionKey(key));
    return this.#unless([404, 412], `replacing ${document.id}`, async (abortSignal) => {
      const { resource } = await item.replace<Document>(document, { abortSignal, accessCondition });
      return resource;
    });
  }

  /** `undefined`: the id is taken, or it is not the one that `etag` names any more. */
  write({ document, etag }: Write, key: Key): Promise<Stored | undefined> {
    return etag === undefined ? this.create(document) : this.replace(document, key, etag);
  }

  /** All of them, in one request and of one key, or none: `undefined` where any lost its race. */
  async writeTogether(writes: readonly Write[], key: Key): Promise<readonly Stored[] | undefined> {
    const what = `writing ${writes.length} documents`;
    try {
      const abortSignal = AbortSignal.timeout(callLimitMs);
      const operations = writes.map(operationOf);
      const { items } = this.#container;
      const { result } = await items.batch(operations, partitionKey(key), { abortSignal });
      const bodies = (result ?? []).map(({ resourceBody }) => resourceBody);
      const written = bodies.filter((body) => body !== undefined).map(stored);
      return written.length === writes.length ? written : undefined;
    } catch (error) {
      // The SDK puts its own error into a plain one here.
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      if (lostRace.has(statusOf(cause) ?? 0) && !isMissingContainer(cause)) return undefined;
      throw failureOf(cause, this.#doing(what));
    }
  }

  async upsert(document: Document): Promise<void> {
    await this.#call(`writing ${document.id}`, (abortSignal) =>
      this.#container.items.upsert<Document>(document, { abortSignal }),
    );
  }

  /** One that is gone already is gone. */
  async remove(id: string, key: Key): Promise<void> {
    await this.#unless([404], `deleting ${id}`, async (abortSignal) => {
      await this.#container.item(id, partitionKey(key)).delete({ abortSignal });
      return undefined;
    });
  }

  /** Without `key` the query looks at every partition; a prefix of the key at those below it. */
  async *query(sql: Sql, key?: Key): AsyncIterable<Stored> {
    const abort = new AbortController();
    const options: FeedOptions = { maxItemCount: pageDocuments, abortSignal: abort.signal };
    if (key !== undefined) options.partitionKey = partitionKey(key);
    const iterator = this.#container.items.query<JsonObject>(specOf(sql), options);
    while (iterator.hasMoreResults()) {
      const page = await this.#page(abort, () => iterator.fetchNext());
      // The SDK answers `undefined` for an empty page, its type notwithstanding.
      for (const resource of (page.resources as JsonObject[] | undefined) ?? []) {
        yield stored(resource);
      }
    }
  }

  async all(sql: Sql, key?: Key): Promise<readonly Stored[]> {
    const found: Stored[] = [];
    for await (const one of this.query(sql, key)) found.push(one);
    return found;
  }

  /** Without a start the SDK begins now, at the first call. */
  changes(): ChangeReader {
    const iterator = this.#container.items.getChangeFeedIterator<JsonObject>({
      maxItemCount: pageDocuments,
    });
    return async () => {
      const found: Stored[] = [];
      for (let pages = 0; pages < changePagesMax; pages++) {
        const page = await this.#call('reading changes', () => iterator.readNext());
        if (page.statusCode === 304 || page.count === 0) return found;
        found.push(...page.result.map(stored));
      }
      return found;
    };
  }

  /** The SDK takes one signal for all pages of a query: each page arms it anew. */
  async #page<T>(abort: AbortController, next: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => abort.abort(), callLimitMs);
    try {
      return await this.#call('a query', next);
    } finally {
      clearTimeout(timer);
    }
  }

  /** `undefined` where Cosmos DB answers with one of `statuses`. */
  async #unless(
    statuses: readonly number[],
    what: string,
    work: (signal: AbortSignal) => Promise<JsonObject | undefined>,
  ): Promise<Stored | undefined> {
    try {
      const resource = await work(AbortSignal.timeout(callLimitMs));
      return resource === undefined ? undefined : stored(resource);
    } catch (error) {
      if (statuses.includes(statusOf(error) ?? 0) && !isMissingContainer(error)) return undefined;
      throw failureOf(error, this.#doing(what));
    }
  }

  async #call<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(AbortSignal.timeout(callLimitMs));
    } catch (error) {
      throw failureOf(error, this.#doing(what));
    }
  }

  #doing(what: string): string {
    return `${what} in container ${this.#container.id}`;
  }
}

function partitionKey(key: Key): string | string[] {
  return typeof key === 'string' ? key : [...key];
}

function operationOf({ document, etag }: Write): OperationInput {
  // What is written is JSON; the type of a document does not say so.
  const resourceBody = { ...document } as Record<string, JSONValue>;
  if (etag === undefined) return { operationType: 'Create', resourceBody };
  return { operationType: 'Replace', id: document.id, ifMatch: etag, resourceBody };
}

function specOf({ query, parameters }: Sql): {
  query: string;
  parameters: { name: string; value: JSONValue }[];
} {
  return { query, parameters: parameters.map((parameter) => ({ ...parameter })) };
}

function stored(resource: JsonObject): Stored {
  // The service sets these two on every document that it gives out.
  const { _etag, _ts } = resource as JsonObject & Pick<Resource, '_etag' | '_ts'>;
  return { document: resource, etag: _etag, modifiedAtMs: _ts * 1000 };
}
