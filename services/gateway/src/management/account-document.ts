import { failed, ok } from '@headroom/core';
import type { Problem, Result } from '@headroom/core';

/** The ARM document of an account, as it is stored. */
export type ArmDocument = Readonly<Record<string, unknown>>;

/** What a body asks of the switch; `undefined`: that it stays as it is. */
export type AskedSwitch = boolean | null | undefined;

const switchName = 'dynamicThrottlingEnabled';
const switchField = `properties.${switchName}`;
/** Azure's to write: what a body says of them is passed over, as ARM does. */
const readOnly: ReadonlySet<string> = new Set(['etag', 'systemdata']);
/** Names, in which case means nothing. */
const caseless: ReadonlySet<string> = new Set(['id', 'name', 'type', 'kind', 'location']);
const problemsMax = 10;

/** What ARM would show: the document with the switch that is in force, and with its version as `etag`. */
export function shownDocument(document: ArmDocument, isOn: boolean, etag: string): ArmDocument {
  const rest = Object.entries(document).filter(([name]) => name.toLowerCase() !== 'etag');
  return { ...withSwitch(Object.fromEntries(rest), isOn), etag };
}

/** The document with this switch, however it was spelt before. */
export function withSwitch(document: ArmDocument, value: boolean | null): ArmDocument {
  const name = memberName(document, 'properties') ?? 'properties';
  const properties = isObject(document[name]) ? document[name] : {};
  const rest = Object.entries(properties).filter(
    ([member]) => member.toLowerCase() !== switchName.toLowerCase(),
  );
  return { ...document, [name]: { ...Object.fromEntries(rest), [switchName]: value } };
}

/**
 * What `body` asks of the switch. It may repeat what `document` says, in names of any case, and leave out what it likes; all
 * else that it would change is a problem.
 */
export function askedSwitch(
  body: ArmDocument,
  document: ArmDocument,
): Result<AskedSwitch, readonly Problem[]> {
  const problems = differences(body, document, []);
  if (problems.length > 0) return failed(problems.slice(0, problemsMax));
  const properties = body[memberName(body, 'properties') ?? ''];
  const name = isObject(properties) ? memberName(properties, switchName) : undefined;
  if (!isObject(properties) || name === undefined) return ok(undefined);
  const asked = properties[name];
  if (typeof asked === 'boolean' || asked === null) return ok(asked);
  return failed([{ field: switchField, message: `${switchField} is true, false or null.` }]);
}

/** Goes no deeper than what is held: a body can be of any depth. */
function differences(given: unknown, held: unknown, path: readonly string[]): readonly Problem[] {
  if (path.join('.').toLowerCase() === switchField.toLowerCase()) return [];
  if (isAbsent(given) && isAbsent(held)) return [];
  if (Array.isArray(given) && Array.isArray(held) && given.length === held.length) {
    return given.flatMap((one, index) => differences(one, held[index], indexed(path, index)));
  }
  if (isObject(given) && (isObject(held) || isProperties(path))) {
    return memberDifferences(given, isObject(held) ? held : {}, path);
  }
  return isSame(given, held, path) ? [] : [changed(path)];
}

function memberDifferences(
  given: ArmDocument,
  held: ArmDocument,
  path: readonly string[],
): readonly Problem[] {
  const seen = new Set<string>();
  return Object.entries(given).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    const at = [...path, name];
    if (seen.has(lower)) return [{ field: at.join('.'), message: `${at.join('.')} came twice.` }];
    seen.add(lower);
    if (path.length === 0 && readOnly.has(lower)) return [];
    const heldName = memberName(held, name);
    return differences(value, heldName === undefined ? undefined : held[heldName], at);
  });
}

function isSame(given: unknown, held: unknown, path: readonly string[]): boolean {
  if (given === held) return true;
  if (typeof given !== 'string' || typeof held !== 'string') return false;
  const isName = path.length === 1 && caseless.has(path[0]?.toLowerCase() ?? '');
  return isName && given.toLowerCase() === held.toLowerCase();
}

function changed(path: readonly string[]): Problem {
  const field = path.join('.');
  const message = `${field} cannot be changed here, only ${switchField}: limits are read-only, as in Azure, and the rest is changed by applying the account's document (headroom apply).`;
  return { field, message };
}

/** An account without properties has its switch there all the same. */
function isProperties(path: readonly string[]): boolean {
  return path.length === 1 && path[0]?.toLowerCase() === 'properties';
}

function indexed(path: readonly string[], index: number): readonly string[] {
  return [...path.slice(0, -1), `${path.at(-1) ?? ''}[${index}]`];
}

function memberName(object: ArmDocument, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name;
  return Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

export function isObject(value: unknown): value is ArmDocument {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
