import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/** `| What | works | … | `amqp/event-hubs.test.ts`: a test's name |`, one row of docs/local-azure.md. */
interface Row {
  readonly section: string;
  readonly line: string;
  readonly cells: readonly string[];
}

const page = readFileSync(new URL('../../../docs/local-azure.md', import.meta.url), 'utf8');
const STATES = ['works', 'not supported', 'partly'];
const COLUMNS = 4;
const NAMED = /^`([\w./-]+\.test\.ts)`: (.+)$/;

const rows: readonly Row[] = rowsOf(page);
const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title ?? '');

function rowsOf(text: string): Row[] {
  const found: Row[] = [];
  let section = '';
  for (const line of text.split('\n')) {
    section = /^## (.+)$/.exec(line)?.[1] ?? section;
    if (!line.startsWith('| ') || /^\| (Operation|Promise) \|/.test(line)) continue;
    // A pipe inside a cell is written `\|`.
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    found.push({ section, line, cells: cells.map((cell) => cell.trim().replaceAll('\\|', '|')) });
  }
  return found;
}

/** The test's source, when the cell names a file that is there. */
function sourceOf(cell: string): { file: string; name: string; text: string } | undefined {
  const [, file, name] = NAMED.exec(cell) ?? [];
  if (file === undefined || name === undefined) return undefined;
  const path = fileURLToPath(new URL(file, import.meta.url));
  return existsSync(path) ? { file, name, text: readFileSync(path, 'utf8') } : undefined;
}

describe('docs/local-azure.md', () => {
  test('has rows in every section', () => {
    expect(sections.filter((title) => rows.every((row) => row.section !== title))).toEqual([]);
  });

  test('says of every row what its state is', () => {
    const odd = rows.filter(({ cells }) => {
      return cells.length !== COLUMNS || !STATES.includes(cells[1] ?? '');
    });
    expect(odd.map(({ line }) => line)).toEqual([]);
  });

  test('names a test for every row, and the test is there', () => {
    const missing = rows.filter(({ cells }) => {
      const source = sourceOf(cells.at(-1) ?? '');
      return source?.text.includes(source.name) !== true;
    });
    expect(missing.map(({ line }) => line)).toEqual([]);
  });
});
