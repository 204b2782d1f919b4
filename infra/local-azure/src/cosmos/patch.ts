import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import { badRequest, CosmosError } from './errors.ts';
import { parseCondition } from './query/parse.ts';
import { itemRow, rowsOf } from './query/evaluate.ts';
import { Work } from './query/work.ts';

/** The service's limit of one patch. */
const MAX_OPERATIONS = 10;

type Mutable = Json[] | Record<string, Json | undefined>;

/**
 * Applies a patch (a list of operations, or `{condition, operations}`) and gives the new item.
 * Known operations: add, set, replace, remove, incr. A condition that does not hold gives 412.
 */
export function applyPatch(item: JsonObject, patch: Json | undefined): JsonObject {
  const { operations, condition } = parsePatch(patch);
  if (condition !== undefined && !holds(condition, item)) {
    throw new CosmosError(
      412,
      'PreconditionFailed',
      `The patch condition '${condition}' is false.`,
    );
  }
  const changed = structuredClone(item) as Record<string, Json | undefined>;
  for (const operation of operations) applyOne(changed, operation);
  return changed;
}

/** `FROM c WHERE …`. */
function holds(condition: string, item: JsonObject): boolean {
  const query = parseCondition(condition);
  return rowsOf(query, itemRow(item, new Work())).next().done !== true;
}

function parsePatch(patch: Json | undefined): {
  operations: readonly Json[];
  condition: string | undefined;
} {
  const operations = isObject(patch) ? patch['operations'] : patch;
  const condition = isObject(patch) ? patch['condition'] : undefined;
  if (!Array.isArray(operations) || operations.length === 0 || operations.length > MAX_OPERATIONS) {
    throw badRequest(`A patch has 1 to ${MAX_OPERATIONS} operations.`);
  }
  if (condition !== undefined && typeof condition !== 'string')
    throw badRequest('condition is text');
  return { operations: operations as readonly Json[], condition };
}

function applyOne(item: Record<string, Json | undefined>, operation: Json): void {
  const op = isObject(operation) ? operation['op'] : undefined;
  const path = isObject(operation) ? operation['path'] : undefined;
  if (!isObject(operation) || typeof path !== 'string' || typeof op !== 'string') {
    throw badRequest('A patch operation has op and path.');
  }
  const steps = stepsOf(path);
  const name = steps.at(-1) ?? '';
  const parent = parentOf(item, steps, path);
  if (steps.length === 1 && (name === 'id' || name.startsWith('_'))) {
    throw badRequest(`${path} cannot be patched.`);
  }
  if (Array.isArray(parent)) changeElement(parent, op, name, operation['value'], path);
  else changeMember(parent, op, name, operation['value'], path);
}

function changeMember(
  parent: Record<string, Json | undefined>,
  op: string,
  name: string,
  value: Json | undefined,
  path: string,
): void {
  switch (op) {
    case 'add':
    case 'set':
      parent[name] = needed(value, path);
      return;
    case 'replace':
      present(parent[name], path);
      parent[name] = needed(value, path);
      return;
    case 'remove':
      present(parent[name], path);
      Reflect.deleteProperty(parent, name);
      return;
    case 'incr':
      parent[name] = sum(parent[name], value, path);
      return;
    default:
      throw badRequest(`Patch operation '${op}' is not supported by the embedded Cosmos DB.`);
  }
}

function changeElement(
  list: Json[],
  op: string,
  name: string,
  value: Json | undefined,
  path: string,
): void {
  const index = name === '-' ? list.length : Number(name);
  const last = op === 'add' || op === 'set' ? list.length : list.length - 1;
  if (!Number.isInteger(index) || index < 0 || index > last) throw absent(path);
  switch (op) {
    case 'add':
      list.splice(index, 0, needed(value, path));
      return;
    case 'set':
    case 'replace':
      list[index] = needed(value, path);
      return;
    case 'remove':
      list.splice(index, 1);
      return;
    case 'incr':
      list[index] = sum(list[index], value, path);
      return;
    default:
      throw badRequest(`Patch operation '${op}' is not supported by the embedded Cosmos DB.`);
  }
}

function stepsOf(path: string): string[] {
  if (!path.startsWith('/') || path === '/')
    throw badRequest(`Patch path '${path}' is no pointer.`);
  return path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function parentOf(item: Record<string, Json | undefined>, steps: string[], path: string): Mutable {
  let parent: unknown = item;
  for (const step of steps.slice(0, -1)) {
    if (Array.isArray(parent)) parent = (parent as Json[])[Number(step)];
    else parent = isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
  }
  if (Array.isArray(parent) || isObject(parent)) return parent as Mutable;
  throw absent(path);
}

function sum(old: Json | undefined, value: Json | undefined, path: string): number {
  if (typeof value !== 'number') throw badRequest(`incr ${path} needs a number.`);
  if (old === undefined) return value;
  if (typeof old !== 'number') throw badRequest(`incr ${path}: the value there is no number.`);
  return old + value;
}

function needed(value: Json | undefined, path: string): Json {
  if (value === undefined) throw badRequest(`The patch operation at ${path} has no value.`);
  return value;
}

function present(value: Json | undefined, path: string): void {
  if (value === undefined) throw absent(path);
}

const absent = (path: string): CosmosError => badRequest(`There is nothing at ${path} to patch.`);
