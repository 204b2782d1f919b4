import { isMap, isPair, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';

export type Path = readonly PropertyKey[];

/** A YAML file whose parts know the lines they stand on. */
export class YamlFile {
  readonly documents: readonly Document.Parsed[];
  readonly #lines = new LineCounter();

  constructor(text: string) {
    const documents = parseAllDocuments(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      merge: true,
    });
    // An empty stream has no documents; neither has an empty place between two `---`.
    this.documents = [...documents].filter(
      ({ contents, errors }) => errors.length > 0 || !isNothing(contents),
    );
  }

  lineAt(offset: number): number {
    return this.#lines.linePos(offset).line;
  }

  /** The line of the deepest part of the path that is there: a key that is missing has none of its own. */
  lineOf({ contents }: Document.Parsed, path: Path): number {
    let node: unknown = contents;
    let offset = contents?.range[0] ?? 0;
    for (const key of path) {
      const next = childOf(node, key);
      if (next === undefined) break;
      offset = next.offset ?? offset;
      node = next.node;
    }
    return this.lineAt(offset);
  }
}

function isNothing(contents: Document.Parsed['contents']): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

/** A member, and where it begins: for a mapping at its key. */
function childOf(
  node: unknown,
  key: PropertyKey,
): { readonly node: unknown; readonly offset: number | undefined } | undefined {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    if (!isPair(pair)) return undefined;
    return { node: pair.value, offset: isScalar(pair.key) ? pair.key.range?.[0] : undefined };
  }
  const items = itemsOf(node);
  const item = typeof key === 'number' ? items[key] : undefined;
  return item === undefined ? undefined : { node: item, offset: offsetOf(item) };
}

function itemsOf(node: unknown): readonly unknown[] {
  if (typeof node !== 'object' || node === null || !('items' in node)) return [];
  return Array.isArray(node.items) ? node.items : [];
}

function offsetOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const offset: unknown = Array.isArray(node.range) ? node.range[0] : undefined;
  return typeof offset === 'number' ? offset : undefined;
}

/** `input[0].values`; empty for the document itself. */
export function fieldText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** `properties.profiles[0].rules` as a path. */
export function pathOf(field: string): Path {
  const parts = field.match(/[^.[\]]+/g) ?? [];
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
