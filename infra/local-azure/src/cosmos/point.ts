import type { Answer } from '../http.ts';
import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { Container } from './catalog.ts';
import { badRequest, CosmosError, SUBSTATUS_KEY_MISMATCH } from './errors.ts';
import type { StoredItem } from './item-reader.ts';
import type { Condition, Items } from './items.ts';
import { sameEtag } from './items.ts';
import { keyOf } from './partition-key.ts';
import { applyPatch } from './patch.ts';
import { chargeText, readCharge, writeCharge } from './request-units.ts';

/** One operation on one item, alone or in a batch. */
export type Operation =
  | { readonly kind: 'create' | 'upsert'; readonly key: string; readonly item: JsonObject }
  | {
      readonly kind: 'replace';
      readonly key: string;
      readonly id: string;
      readonly item: JsonObject;
    }
  | {
      readonly kind: 'patch';
      readonly key: string;
      readonly id: string;
      readonly patch: Json | undefined;
    }
  | { readonly kind: 'read' | 'delete'; readonly key: string; readonly id: string };

export interface Outcome {
  readonly status: number;
  readonly etag?: string;
  /** The item's JSON. */
  readonly body?: string | undefined;
  /** In request units. */
  readonly charge: number;
}

/** Does the operation, or throws a `CosmosError` and leaves the item as it was. */
export function perform(
  items: Items,
  container: Container,
  operation: Operation,
  condition: Condition,
): Outcome {
  const { key } = operation;
  switch (operation.kind) {
    case 'create':
      return written(items, 201, items.create(checkKey(container, operation), operation.item));
    case 'upsert': {
      const { row, created } = items.upsert(
        checkKey(container, operation),
        operation.item,
        condition,
      );
      return written(items, created ? 201 : 200, row);
    }
    case 'replace': {
      checkKey(container, operation);
      return written(items, 200, items.replace(key, operation.id, operation.item, condition));
    }
    case 'patch':
      return patch(items, container, operation, condition);
    case 'read':
      return read(items, items.read(key, operation.id), condition);
    case 'delete':
      items.remove(key, operation.id, condition);
      return { status: 204, charge: writeCharge(0) };
  }
}

export function toAnswer(outcome: Outcome): Answer {
  return {
    status: outcome.status,
    headers: {
      'x-ms-request-charge': chargeText(outcome.charge),
      ...(outcome.etag === undefined ? {} : { etag: outcome.etag }),
    },
    ...(outcome.body === undefined ? {} : { body: outcome.body }),
  };
}

export function needObject(value: Json | undefined): JsonObject {
  if (isObject(value)) return value;
  throw badRequest('An item is a JSON object.');
}

function patch(
  items: Items,
  container: Container,
  operation: Extract<Operation, { kind: 'patch' }>,
  condition: Condition,
): Outcome {
  const { key, id } = operation;
  const old = items.read(key, id);
  const item = applyPatch(JSON.parse(items.text(old)) as JsonObject, operation.patch);
  if (keyOf(item, container.keyPaths) !== key) {
    throw badRequest('A patch cannot change the partition key.');
  }
  return written(items, 200, items.replace(key, id, item, condition));
}

function read(items: Items, row: StoredItem, condition: Condition): Outcome {
  const known = condition.ifNoneMatch;
  const unchanged = known !== undefined && (known === '*' || sameEtag(known, row.etag));
  if (unchanged) return { status: 304, etag: row.etag, charge: readCharge(0) };
  const body = items.text(row);
  return { status: 200, etag: row.etag, body, charge: readCharge(body.length) };
}

function written(items: Items, status: number, row: StoredItem): Outcome {
  const body = items.text(row);
  return { status, etag: row.etag, body, charge: writeCharge(body.length) };
}

function checkKey(
  container: Container,
  operation: { readonly key: string; readonly item: JsonObject },
): string {
  const key = keyOf(operation.item, container.keyPaths);
  if (key === operation.key) return key;
  throw new CosmosError(
    400,
    'BadRequest',
    `The partition key of the request, ${operation.key}, is not the item's, ${key}.`,
    SUBSTATUS_KEY_MISMATCH,
  );
}
