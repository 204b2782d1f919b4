import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AmqpValue } from '../../protocol/values.ts';
import { evaluate } from './evaluate.ts';
import { FilterError } from './filter-error.ts';
import { filteredMessage } from './filtered-message.ts';
import { parseFilter } from './parse.ts';

const properties = new Map<string, AmqpValue>([
  ['kind', 'scale'],
  ['count', 3],
  ['ratio', 0.5],
  ['big', 9_007_199_254_740_993n],
  ['urgent', true],
  ['owner', "o'neil"],
  ['nothing', null],
  ['with space', 'x'],
  ['HR-Id', 7],
  ['path', 'a/100%_b'],
]);
const system: AmqpValue[] = [17, null, 'there', 'bus stop', 'back', 'c-1', 'text/plain'];
const message = filteredMessage(system, properties);

function evaluated(expression: string): unknown {
  return evaluate(parseFilter(expression), message);
}

describe('a SQL filter', () => {
  test.each<[string, boolean | 'unknown']>([
    ['1=1', true],
    ['1 = 0', false],
    ["kind IN ('scale', 'read')", true],
    ["kind in ('read','outcome')", false],
    ["kind NOT IN ('read')", true],
    ["KIND = 'scale'", true],
    ["kind = 'SCALE'", false],
    ["user.kind = 'scale'", true],
    ["[kind] <> 'scale'", false],
    ["kind != 'read'", true],
    ["'scale' = kind", true],
    ['count = 3 AND count = 3.0 AND count = 30E-1', true],
    ['count > 2 and count >= 3 and count < 4 and count <= 3', true],
    ['count > -1', true],
    ['ratio < +0.75', true],
    ['big = 9007199254740993', true],
    ['big = 9007199254740992', false],
    ['big > 9007199254740992', true],
    ["count = '3'", 'unknown'],
    ["count <> '3'", 'unknown'],
    ['urgent = TRUE', true],
    ['urgent <> true', false],
    ["owner = 'o''neil'", true],
    ["[with space] = 'x'", true],
    ['"with space" = \'x\'', true],
    ['[HR-Id] = 7', true],
    ["sys.Label = 'bus stop'", true],
    ["SYS.label LIKE '%stop'", true],
    ["sys.To = 'there' AND sys.ReplyTo = 'back' AND sys.ContentType = 'text/plain'", true],
    ["sys.MessageId = '17'", true],
    ["sys.CorrelationId <> 'c-1'", false],
    ["sys.SessionId = 's'", 'unknown'],
    ['sys.SessionId IS NULL', true],
    ["kind LIKE 's%'", true],
    ["kind LIKE '_cal_'", true],
    ["kind NOT LIKE '%x%'", true],
    [String.raw`path LIKE 'a/100\%\__' ESCAPE '\'`, true],
    [String.raw`path LIKE 'a/100\_%' ESCAPE '\'`, false],
    ["count LIKE '3'", 'unknown'],
    ["kind = 'read' OR kind = 'scale'", true],
    ["NOT kind = 'read'", true],
    ["NOT (kind = 'scale' AND count = 4)", true],
    ["count = 1 OR count = 3 AND kind = 'read'", false],
    ["(count = 1 OR count = 3) AND kind = 'scale'", true],
    ['EXISTS (kind) AND NOT EXISTS(absent)', true],
    ['EXISTS (user.nothing)', true],
    ['kind IS NOT NULL', true],
    ['nothing IS NULL', true],
    ['absent IS NULL', true],
    ['absent IS NOT NULL', false],
    ["absent = 'x'", 'unknown'],
    ["absent <> 'x'", 'unknown'],
    ["absent NOT IN ('x')", 'unknown'],
    ["absent LIKE '%'", 'unknown'],
    ["NOT absent = 'x'", 'unknown'],
    ['kind = NULL', 'unknown'],
    ['kind <> NULL', 'unknown'],
    ["absent = 'x' AND kind = 'read'", false],
    ["absent = 'x' AND kind = 'scale'", 'unknown'],
    ["absent = 'x' OR kind = 'scale'", true],
    ["absent = 'x' OR kind = 'read'", 'unknown'],
    ["nothing = 'x' OR absent = 'x'", 'unknown'],
  ])('%s → %s', (expression, expected) => {
    expect(evaluated(expression)).toBe(expected);
  });

  test.each([
    ['', 0, /name of a property or a constant/],
    ['kind', 4, /a comparison, IN, LIKE or IS is expected/],
    ['kind =', 6, /at its end/],
    ["kind = 'a' -- b", 11, /AND, OR or the end/],
    ['kind IN ()', 9, /constant is expected/],
    ["kind IN ('a', NULL)", 14, /IN takes texts/],
    ['kind IN (other)', 9, /IN takes texts/],
    ['count + 1 = 4', 6, /comparison/],
    ['count = 1 + 1', 10, /AND, OR or the end/],
    ['count = (1)', 8, /constant/],
    ["newid() = 'x'", 0, /functions/],
    ["property('kind') = 'x'", 0, /functions/],
    ['kind = @kind', 7, /a character or a quote/],
    ["kind = 'open", 7, /a quote/],
    ["kind > 'a'", 7, /compares numbers/],
    ['TRUE >= urgent', 0, /compares numbers/],
    ["'a' IS NULL", 0, /IS NULL asks for a property/],
    ["sys.EnqueuedTimeUtc = 'x'", 4, /sys.MessageId, .*sys.Label/],
    ["other.kind = 'x'", 0, /sys or user/],
    ["hr-id = 'x'", 2, /comparison/],
    ["(kind = 'a'", 11, /'\)' is expected/],
    ["kind LIKE 'a' ESCAPE 'ab'", 21, /one character/],
    ["kind NOT = 'a'", 9, /comparison/],
    ["NULL = 'a' AND", 14, /at its end/],
    [`kind = '${'x'.repeat(1024)}'`, 1024, /at most 1024 characters/],
  ])('%s is refused at position %i', (expression, position, why) => {
    const parse = (): unknown => parseFilter(expression);
    expect(parse).toThrow(FilterError);
    expect(parse).toThrow(why);
    expect(parse).toThrow(/embedded Azure understands = <>/);
    expect(parse).toThrow(expect.objectContaining({ position }));
  });

  test('is parsed or refused, whatever the text, and never fails otherwise', () => {
    const word = fc.constantFrom(
      ...['kind', 'AND', 'or', 'NOT', 'IN', '(', ')', ',', "'a'", '1', '-', '=', '<>', 'LIKE', '.'],
      ...['sys', 'Label', 'IS', 'NULL', 'EXISTS', '[x]', '"y"', 'TRUE', '<', '@', "'", 'ESCAPE'],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, (expression) => {
        try {
          expect([true, false, 'unknown']).toContain(evaluated(expression));
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a long LIKE on a long text takes no time', () => {
    const pattern = parseFilter(`sys.Label LIKE '${'%a'.repeat(400)}%b'`);
    const long = filteredMessage([null, null, null, 'a'.repeat(60_000)], new Map());
    const started = performance.now();
    expect(evaluate(pattern, long)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

/** De Morgan, double negation and NOT IN hold in three-valued logic too. */
describe('three-valued logic', () => {
  const atom = fc.constantFrom(
    ...["kind = 'scale'", "kind = 'read'", "absent = 'x'", 'count > 1', 'nothing <> 1'],
    ...['absent IS NULL', "kind LIKE '%z'", "absent IN ('x')", 'EXISTS(count)'],
  );
  test.each<[string, (a: string, b: string) => readonly [string, string]]>([
    ['NOT (a AND b) is NOT a OR NOT b', (a, b) => [`NOT (${a} AND ${b})`, `NOT ${a} OR NOT ${b}`]],
    ['NOT (a OR b) is NOT a AND NOT b', (a, b) => [`NOT (${a} OR ${b})`, `NOT ${a} AND NOT ${b}`]],
    ['NOT NOT a is a', (a) => [`NOT NOT ${a}`, a]],
    [
      'a OR a AND b is a OR (a AND b)',
      (a, b) => [`${a} OR ${a} AND ${b}`, `${a} OR (${a} AND ${b})`],
    ],
  ])('%s', (_, make) => {
    fc.assert(
      fc.property(atom, atom, (a, b) => {
        const [left, right] = make(a, b);
        expect(evaluated(left)).toBe(evaluated(right));
      }),
    );
  });
});
