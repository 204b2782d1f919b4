import type { Answer } from '../http.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Sqlite } from '../sqlite.ts';
import type { Container } from './catalog.ts';
import { badRequest, CosmosError } from './errors.ts';
import type { Condition, Items } from './items.ts';
import { fullKey } from './partition-key.ts';
import type { Operation, Outcome } from './point.ts';
import { needObject, perform } from './point.ts';
import type { CosmosRequest } from './request.ts';
import { parseBounded } from './nesting.ts';
import { bodyJson, isSet, keyHeader } from './request.ts';
import { chargeText } from './request-units.ts';

/** The service's limit of one batch. */
const MAX_OPERATIONS = 100;
const FAILED_DEPENDENCY: Outcome = { status: 424, charge: 0 };

/** A transactional batch (one key, all or nothing) or a bulk request (each operation for itself). */
export function answerBatch(
  sqlite: Sqlite,
  items: Items,
  container: Container,
  request: CosmosRequest,
): Answer {
  const operations = bodyJson(request);
  if (!Array.isArray(operations) || operations.length > MAX_OPERATIONS) {
    throw badRequest(`A batch is a list of up to ${MAX_OPERATIONS} operations.`);
  }
  const list = (operations as readonly Json[]).map(needObject);
  const atomic = isSet(request, 'x-ms-cosmos-batch-atomic');
  const run = (operation: JsonObject): Outcome => {
    const key = keyFor(operation, request, container, atomic);
    return perform(items, container, parse(operation, key), conditionsOf(operation));
  };
  const outcomes = atomic ? runAtomic(sqlite, list, run) : runEach(sqlite, list, run);
  const failed = outcomes.some((outcome) => outcome.status >= 400);
  const charge = outcomes.reduce((sum, outcome) => sum + outcome.charge, 0);
  const headers = { 'x-ms-request-charge': chargeText(charge) };
  return { status: failed ? 207 : 200, headers, body: `[${outcomes.map(resultText).join(',')}]` };
}

/** Undone as a whole at the first failure: it keeps its status, the others get 424. */
function runAtomic(
  sqlite: Sqlite,
  list: readonly JsonObject[],
  run: (operation: JsonObject) => Outcome,
): readonly Outcome[] {
  let failedAt = -1;
  try {
    return sqlite.transact(() =>
      list.map((operation, index) => {
        failedAt = index;
        return run(operation);
      }),
    );
  } catch (error) {
    if (!(error instanceof CosmosError)) throw error;
    const failure = { status: error.status, charge: 1 };
    return list.map((_, index) => (index === failedAt ? failure : FAILED_DEPENDENCY));
  }
}

/**
 * Each for itself, with one commit: an operation that fails has written nothing, since it checks
 * everything before it writes.
 */
function runEach(
  sqlite: Sqlite,
  list: readonly JsonObject[],
  run: (operation: JsonObject) => Outcome,
): readonly Outcome[] {
  return sqlite.transact(() => list.map((operation) => attempt(operation, run)));
}

function attempt(operation: JsonObject, run: (operation: JsonObject) => Outcome): Outcome {
  try {
    return run(operation);
  } catch (error) {
    if (error instanceof CosmosError) return { status: error.status, charge: 1 };
    throw error;
  }
}

function keyFor(
  operation: JsonObject,
  request: CosmosRequest,
  container: Container,
  atomic: boolean,
): string {
  const own = operation['partitionKey'];
  // In bulk requests the key is JSON inside JSON.
  if (!atomic && typeof own === 'string') return fullKey(own, container.keyPaths);
  return fullKey(keyHeader(request), container.keyPaths);
}

function parse(operation: JsonObject, key: string): Operation {
  const { operationType, id, resourceBody } = operation;
  switch (operationType) {
    case 'Create':
    case 'Upsert': {
      const kind = operationType === 'Create' ? 'create' : 'upsert';
      return { kind, key, item: needObject(body(resourceBody)) };
    }
    case 'Replace':
      return { kind: 'replace', key, id: idOf(id), item: needObject(body(resourceBody)) };
    case 'Patch':
      return { kind: 'patch', key, id: idOf(id), patch: body(resourceBody) };
    case 'Read':
      return { kind: 'read', key, id: idOf(id) };
    case 'Delete':
      return { kind: 'delete', key, id: idOf(id) };
    default:
      throw badRequest(`Batch operation ${JSON.stringify(operationType)} is not known.`);
  }
}

const body = (value: Json | undefined): Json | undefined =>
  typeof value === 'string' ? parseBounded(value) : value;

function idOf(id: Json | undefined): string {
  if (typeof id === 'string') return id;
  throw badRequest('The batch operation has no id.');
}

function conditionsOf(operation: JsonObject): Condition {
  const { ifMatch, ifNoneMatch } = operation;
  return {
    ifMatch: typeof ifMatch === 'string' ? ifMatch : undefined,
    ifNoneMatch: typeof ifNoneMatch === 'string' ? ifNoneMatch : undefined,
  };
}

function resultText(outcome: Outcome): string {
  const parts = [`"statusCode":${outcome.status}`, `"requestCharge":${chargeText(outcome.charge)}`];
  if (outcome.etag !== undefined) parts.push(`"eTag":${JSON.stringify(outcome.etag)}`);
  if (outcome.body !== undefined) parts.push(`"resourceBody":${outcome.body}`);
  return `{${parts.join(',')}}`;
}
