import { gunzip, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { instant } from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';

/** Largest file of events, in bytes of text. */
const textBytesMax = 500_000_000;

/** Gzipped lines of events, rising in time, each once. */
export function eventLines(events: readonly AutoscaleEvent[]): Promise<Buffer> {
  const rising = events.toSorted((a, b) => a.at - b.at);
  const lines = new Map<string, string>();
  for (const event of rising) {
    const key = keyOf(event);
    if (!lines.has(key)) lines.set(key, `${JSON.stringify(event)}\n`);
  }
  return promisify(gzip)([...lines.values()].join(''));
}

/** `file`: as it is named in what cannot be read. */
export async function readEventLines(
  bytes: Buffer,
  file: string,
): Promise<{ readonly events: readonly AutoscaleEvent[]; readonly gaps: readonly string[] }> {
  const text = await promisify(gunzip)(bytes, { maxOutputLength: textBytesMax });
  const events: AutoscaleEvent[] = [];
  const gaps: string[] = [];
  for (const [index, line] of text.toString('utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    const event = eventOf(line);
    if (event === undefined) gaps.push(`${file}:${index + 1}: it is no event`);
    else events.push(event);
  }
  return { events, gaps };
}

/**
 * An action whose begin was fetched by one run and whose end by another is begun twice: the log said so again when it ended. The
 * time is left out of what names it.
 */
function keyOf({ setting, correlationId, kind, from, to }: AutoscaleEvent): string {
  return [setting, correlationId, kind, from, to].join('\n');
}

function eventOf(line: string): AutoscaleEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<AutoscaleEvent> | null;
    const texts = [event?.setting, event?.target, event?.kind, event?.correlationId];
    if (event === null || typeof event.at !== 'number') return undefined;
    if (!texts.every((text) => typeof text === 'string')) return undefined;
    return { ...(event as AutoscaleEvent), at: instant(event.at) };
  } catch {
    return undefined;
  }
}
