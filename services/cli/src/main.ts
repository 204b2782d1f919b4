import { createInterface } from 'node:readline/promises';
import { instant } from '@headroom/core';
import { runCommandLine } from './program.ts';

// `headroom audit | head` closes our output: that is no failure.
process.stdout.on('error', () => undefined);

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  now: () => instant(Date.now()),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  ...(process.stdout.isTTY ? { terminal: process.stdout } : {}),
  ...(process.stdout.isTTY && process.stdin.isTTY ? { ask } : {}),
});

async function ask(question: string): Promise<string> {
  using terminal = createInterface({ input: process.stdin, output: process.stdout });
  return await terminal.question(question);
}
