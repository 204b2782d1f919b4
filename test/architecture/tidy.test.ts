import { describe, expect, test } from '@jest/globals';
import { functionsOf, sources } from './sources.ts';
import type { Source } from './sources.ts';

/** The budgets of CONTRIBUTING.md. A number is exceeded only with a reason beside it here. */
const fileLinesMax = 300;
const testLinesMax = 600;
const functionLinesMax = 70;

const all = sources();
const production = all.filter(({ isTest }) => !isTest);

function lines({ text }: Source): readonly string[] {
  return text.split('\n');
}

/** `path:line: text` of each line that matches. */
function matches(list: readonly Source[], pattern: RegExp): readonly string[] {
  return list.flatMap((source) =>
    lines(source).flatMap((line, index) =>
      pattern.test(line) ? [`${source.path}:${index + 1}: ${line.trim()}`] : [],
    ),
  );
}

describe('budgets', () => {
  test('the walk finds the sources', () => {
    expect(production.length).toBeGreaterThan(100);
  });

  test('no file holds two ideas', () => {
    const long = all.filter((source) => {
      return lines(source).length - 1 > (source.isTest ? testLinesMax : fileLinesMax);
    });
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  test('no function is longer than a screen', () => {
    const long = production.flatMap(functionsOf).filter((span) => span.lines > functionLinesMax);
    expect(long).toEqual([]);
  });

  test('the typical file and function are small', () => {
    const fileLines = production.map((source) => lines(source).length).sort((a, b) => a - b);
    const spans = production
      .flatMap(functionsOf)
      .map((span) => span.lines)
      .sort((a, b) => a - b);
    expect(fileLines[fileLines.length >> 1]).toBeLessThanOrEqual(100);
    expect(spans[spans.length >> 1]).toBeLessThanOrEqual(12);
  });
});

describe('habits', () => {
  test('names say what a thing is', () => {
    const vague = /(^|\/)(utils?|helpers?|common|misc|manager|data|info)([.-]|\/|$)/;
    expect(all.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  });

  test('nothing is switched off or left for later', () => {
    const escapes = new RegExp(
      [
        'eslint-' + 'disable',
        '@ts-' + '(ignore|nocheck|expect-error)',
        'TO' + 'DO',
        'FIX' + 'ME',
      ].join('|'),
    );
    expect(matches(all, escapes)).toEqual([]);
  });

  test('no test is skipped or alone', () => {
    expect(matches(all, /\b(it|test|describe)\.(skip|only|todo)\b/)).toEqual([]);
  });

  test('only the command line and the benches print', () => {
    const quiet = production.filter(({ path }) => !/^services\/cli\/|^test\/bench\//.test(path));
    expect(matches(quiet, /\bconsole\./)).toEqual([]);
  });

  test('nothing ends the process in the middle', () => {
    // The lifecycle's own forced exit is the one place: a drain that hangs must end.
    const others = production.filter(({ path }) => path !== 'libs/runtime/src/service.ts');
    expect(matches(others, /process\.exit\(/)).toEqual([]);
  });
});
