import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { openSteps } from './steps.ts';

test('a terminal has its cursor and its wrapping whenever the work is broken off', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const terminal = stream as unknown as NodeJS.WriteStream;
  const steps = openSteps({ terminal, err: () => undefined });
  steps.at('metrics', 1, 9, '3 calls');
  const drawn = String(stream.read());
  steps.close();
  expect(drawn).toContain('1/9  3 calls');
  expect(drawn).not.toContain('\u001b[?25l');
  expect(drawn).not.toContain('\u001b[?7l');
});
