import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countedLog } from './counted-log.ts';
import { createLog, logLevelOf } from './log.ts';
import type { LogLevel } from './variables.ts';
import { redact, redacted } from './redact.ts';

function logInto(lines: string[], level: LogLevel = 'info') {
  return createLog('ingest', { level, destination: { write: (line) => void lines.push(line) } });
}

const secret = 'aGVhZHJvb20tc2VjcmV0';

describe('the log', () => {
  test('writes one JSON object a line, with the event and its fields', () => {
    const lines: string[] = [];
    logInto(lines).warn('partitionLost', { partition: 3 });
    const entry = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(entry).toMatchObject({
      level: 'warn',
      name: 'ingest',
      event: 'partitionLost',
      partition: 3,
    });
    expect(entry.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('leaves out what is below its level', () => {
    const lines: string[] = [];
    logInto(lines, 'error').warn('partitionLost');
    expect(lines).toEqual([]);
    expect([logLevelOf('warn'), logLevelOf('loud'), logLevelOf(undefined)]).toEqual([
      'warn',
      'info',
      'info',
    ]);
  });

  test('counts events by name', () => {
    const log = countedLog(logInto([]));
    log.info('a');
    log.warn('b');
    log.error('a');
    log.count('c');
    expect(log.counters()).toEqual({ a: 2, b: 1, c: 1 });
  });
});

describe('redaction', () => {
  test.each<[string, unknown]>([
    [
      'a connection string',
      `Endpoint=sb://x/;SharedAccessKeyName=root;SharedAccessKey=${secret};E=1`,
    ],
    ['an account key', `AccountEndpoint=https://x/;AccountKey=${secret};`],
    ['a signature', `SharedAccessSignature sr=x&sig=${secret}&se=1`],
    ['an encoded signature', `type%3Dmaster%26ver%3D1.0%26sig%3D${secret}`],
    ['a bearer token', { headers: { x: `Bearer ${secret}` } }],
    ['a field named key', { cosmos: { key: secret } }],
    ['a variable', { env: { COSMOS_KEY: secret, ARM_TOKEN: secret } }],
    ['an error', new Error(`no access with SharedAccessKey=${secret}`)],
    ['a cause', new Error('outer', { cause: new Error(`Bearer ${secret}`) })],
    ['a list', [{ password: secret }]],
  ])('takes out %s', (_name, value) => {
    const text = JSON.stringify(redact({ value }));
    expect(text).not.toContain(secret);
    expect(text).toContain(redacted);
  });

  test('leaves what only sounds like a secret', () => {
    const fields = { exclusionKey: '/endpoint/a', metricKey: 'cpu', partitionKey: 'p', tokens: 3 };
    expect(redact(fields)).toEqual(fields);
  });

  test('says of an error what happened, with its causes', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    expect(redact(new TypeError('away', { cause }))).toMatchObject({
      type: 'TypeError',
      message: 'away',
      cause: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    });
  });

  test('ends on what has no end', () => {
    const loop: Record<string, unknown> = { size: 10n };
    loop.self = loop;
    expect(JSON.stringify(redact(loop))).toContain('[too deep]');
  });

  test('property: a secret survives in no shape of value', () => {
    const holder = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constant(`x;SharedAccessKey=${secret};y`),
        fc.record({ key: fc.constant(secret), other: tie('value') }),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    })).value;
    fc.assert(
      fc.property(holder, (value) => {
        expect(JSON.stringify(redact(value))).not.toContain(secret);
      }),
    );
  });
});
