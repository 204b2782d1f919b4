import { markup } from './markup.ts';
import type { Markup, Part } from './markup.ts';

export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => Part;
  readonly isNumber?: boolean;
}

/**
 * Rows under headings; the first column names the row. On a narrow page each row becomes a card whose cells say their
 * heading, which takes a table its meaning for screen readers: hence the roles.
 */
export function table<Row>(
  caption: Part,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Markup {
  const headings = columns.map(
    (column) =>
      markup`<th role="columnheader" scope="col"${numberClass(column)}>${column.heading}</th>`,
  );
  const body = rows.map((row) => markup`<tr role="row">${cellsOf(columns, row)}</tr>\n`);
  return markup`<table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${headings}</tr></thead>
<tbody role="rowgroup">${body}</tbody></table>
`;
}

function cellsOf<Row>(columns: readonly Column<Row>[], row: Row): readonly Markup[] {
  return columns.map((column, index) => {
    const content = column.cell(row);
    if (index === 0) return markup`<th role="rowheader" scope="row">${content}</th>`;
    return markup`<td role="cell" data-label="${column.heading}"${numberClass(column)}><div>${content}</div></td>`;
  });
}

function numberClass<Row>({ isNumber }: Column<Row>): Markup | undefined {
  return isNumber === true ? markup` class="number"` : undefined;
}

/** Names and what they are. */
export function facts(entries: readonly (readonly [name: string, fact: Part])[]): Markup {
  const pairs = entries.map(([name, fact]) => markup`<div><dt>${name}</dt><dd>${fact}</dd></div>`);
  return markup`<dl class="facts">${pairs}</dl>\n`;
}

/** Open in print. */
export function details(summary: Part, content: Part): Markup {
  return markup`<details><summary>${summary}</summary>${content}</details>`;
}

/** The first of a long list, and a word about the others: a page has to stay of a size that opens. */
export function firstOf<T>(
  list: readonly T[],
  most: number,
): { shown: readonly T[]; more: Markup | undefined } {
  const rest = list.length - most;
  if (rest <= 0) return { shown: list, more: undefined };
  return {
    shown: list.slice(0, most),
    more: markup`<p class="more">And ${rest} more, which "headroom assess --json" lists.</p>`,
  };
}
