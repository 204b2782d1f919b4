import { Document, isMap, isSeq } from 'yaml';
import type { ScaleTestDocument } from './document.ts';

/** Lists whose entries stand on a line each. */
const oneLineEach = ['events', 'expect', 'decisions'];

/** The YAML of one scale test, as `parseScaleTests` reads it. Several are joined by lines of `---`. */
export function formatScaleTest(document: ScaleTestDocument): string {
  const yaml = new Document(document, { aliasDuplicateObjects: false });
  for (const key of oneLineEach) {
    const entries: unknown = yaml.get(key);
    if (!isSeq(entries)) continue;
    for (const entry of entries.items) if (isMap(entry)) entry.flow = true;
  }
  return yaml.toString({ lineWidth: 0 });
}
