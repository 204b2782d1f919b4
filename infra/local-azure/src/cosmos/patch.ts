import type { Json, JsonObject } from '../json.ts';
import { isObject } from '../json.ts';
import type { CosmosError as Failure } from './errors.ts';
import { badRequest, CosmosError } from './errors.ts';
import { itemRow, rowsOf } from './query/evaluate.ts';
import { parseCondition } from './query/parse.ts';
import { Work } from './query/work.ts';

/** The service's limit of one patch. */
const MAX_OPERATIONS = 10;

type Members = Record<string, Json | undefined>;

/** A place in an item: a member of an object or an element of a list. */
interface Place {
  readonly parent: Json[] | Members;
  readonly name: string;
  /** As the client wrote it. */
  readonly path: string;
}

/**
 * Applies a patch (a list of operations, or `{condition, operations}`) and gives the new item. A
 * condition that does not hold gives 412; an operation that cannot be applied gives 400, and nothing
 * of the patch takes effect.
 */
export function applyPatch(item: JsonObject, patch: Json | undefined): JsonObject {
  const { operations, condition } = parsePatch(patch);
  if (condition !== undefined && !holds(condition, item)) {
    const message = `The patch condition '${condition}' is false.`;
    throw new CosmosError(412, 'PreconditionFailed', message);
  }
  const changed = structuredClone<Members>(item);
  for (const operation of operations) applyOne(changed, operation);
  return changed;
}

/** `FROM c WHERE …`. */
function holds(condition: string, item: JsonObject): boolean {
  const work = new Work();
  work.begin();
  return rowsOf(parseCondition(condition), itemRow(item, work)).next().done !== true;
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
  if (condition !== undefined && typeof condition !== 'string') {
    throw badRequest('The condition of a patch is text such as "FROM c WHERE c.v = 1".');
  }
  return { operations: operations as readonly Json[], condition };
}

function applyOne(item: Members, operation: Json): void {
  const { op, path, value, from } = isObject(operation) ? operation : {};
  if (typeof path !== 'string' || typeof op !== 'string') {
    throw badRequest('A patch operation has op and path.');
  }
  const place = (): Place => placeAt(item, path);
  switch (op) {
    case 'add':
      add(place(), needed(value, path));
      break;
    case 'set':
      set(place(), needed(value, path));
      break;
    case 'replace':
      read(place());
      set(place(), needed(value, path));
      break;
    case 'remove':
      remove(place());
      break;
    case 'incr':
      set(place(), sum(peek(place()), value, path));
      break;
    case 'move':
      move(item, from, path);
      break;
    default:
      throw badRequest(`Patch operation '${op}' is not supported by the embedded Cosmos DB.`);
  }
}

function move(item: Members, from: Json | undefined, path: string): void {
  if (typeof from !== 'string') throw badRequest(`The move to ${path} has no path 'from'.`);
  if (path.startsWith(`${from}/`)) throw badRequest(`${from} cannot be moved into itself.`);
  const source = placeAt(item, from);
  const value = read(source);
  remove(source);
  add(placeAt(item, path), value);
}

/** Before the element of a list; a member is set. */
function add(place: Place, value: Json): void {
  const { parent, name, path } = place;
  if (!Array.isArray(parent)) set(place, value);
  else parent.splice(name === '-' ? parent.length : indexOf(name, parent.length, path), 0, value);
}

function set({ parent, name, path }: Place, value: Json): void {
  if (Array.isArray(parent)) {
    parent[name === '-' ? parent.length : indexOf(name, parent.length, path)] = value;
    return;
  }
  // Not by assignment: a member may be named `__proto__`.
  const property = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(parent, name, property);
}

function remove(place: Place): void {
  read(place);
  const { parent, name, path } = place;
  if (Array.isArray(parent)) parent.splice(indexOf(name, parent.length - 1, path), 1);
  else Reflect.deleteProperty(parent, name);
}

/** The value there; 400 when there is none. */
function read(place: Place): Json {
  const value = peek(place);
  if (value === undefined) throw absent(place.path);
  return value;
}

function peek({ parent, name, path }: Place): Json | undefined {
  if (Array.isArray(parent)) return parent[indexOf(name, parent.length - 1, path)];
  return Object.hasOwn(parent, name) ? parent[name] : undefined;
}

function indexOf(name: string, last: number, path: string): number {
  const index = /^(0|[1-9]\d*)$/.test(name) ? Number(name) : Infinity;
  if (index > last) throw absent(path);
  return index;
}

function placeAt(item: Members, path: string): Place {
  const steps = stepsOf(path);
  const name = steps.at(-1) ?? '';
  if (steps.length === 1 && (name === 'id' || SYSTEM.has(name))) {
    throw badRequest(`${path} cannot be patched.`);
  }
  let parent: Json | undefined = item;
  for (const step of steps.slice(0, -1)) {
    if (!isContainer(parent)) throw absent(path);
    parent = peek({ parent, name: step, path });
  }
  if (!isContainer(parent)) throw absent(path);
  return { parent, name, path };
}

const SYSTEM = new Set(['_rid', '_self', '_etag', '_attachments', '_ts']);

const isContainer = (value: Json | undefined): value is Json[] & Members =>
  Array.isArray(value) || isObject(value);

function stepsOf(path: string): string[] {
  if (!path.startsWith('/') || path === '/') {
    throw badRequest(`Patch path '${path}' is no path such as /note/by.`);
  }
  return path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
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

const absent = (path: string): Failure => badRequest(`There is nothing at ${path} to patch.`);
