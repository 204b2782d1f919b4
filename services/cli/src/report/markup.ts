import { printable } from '../text/printable.ts';

/** A piece of a page that is well formed as XML, so that whatever reads it need not guess. */
export interface Markup {
  readonly markup: string;
}

export type Part = Markup | string | number | undefined | readonly Part[];

/** A template whose holes take markup as it is and escape all else: text cannot become an element by being forgotten. */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const written = parts.map((part, index) => `${writtenOf(part)}${texts[index + 1] ?? ''}`);
  return { markup: `${texts[0] ?? ''}${written.join('')}` };
}

export const nothing: Markup = { markup: '' };

/** Somebody else's words in a sentence of ours: letters that run from right to left turn nothing around beside them. */
export function foreign(text: string): Markup {
  return markup`<bdi>${text}</bdi>`;
}

function writtenOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return escaped(part);
  return 'markup' in part ? part.markup : part.map(writtenOf).join('');
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What a terminal would obey, no page should either: control characters are not even allowed in XML. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (found) => references[found] ?? found);
}
