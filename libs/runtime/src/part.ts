import { fileURLToPath } from 'node:url';

/** How Node starts one of the system's processes or threads: a file, and its first arguments. */
export interface Part {
  readonly file: string;
  readonly args: readonly string[];
}

/** Set by the bundler (`npm run bundle`) and by nothing else. */
declare const HEADROOM_BUNDLE: true | undefined;

/**
 * From the sources a part starts from a file of its own, `source`. In the one published file every
 * part is that file itself, which looks at its first arguments.
 */
export function partOf(name: string, source: () => URL | string): Part {
  if (typeof HEADROOM_BUNDLE === 'undefined') return { file: fileURLToPath(source()), args: [] };
  return { file: fileURLToPath(import.meta.url), args: ['--part', name] };
}
