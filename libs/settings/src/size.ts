import { settingBytesMax } from '@headroom/core';
import type { Problem } from '@headroom/core';
import type { Content } from './content.ts';

/** A setting and its shadows go into one message of the log. What is large without shadows was told by whoever read it. */
export function sizeProblems(content: Content): readonly Problem[] {
  if (content.kind !== 'setting' || content.shadows === undefined) return [];
  const { setting, shadows } = content;
  const bytes = Buffer.byteLength(JSON.stringify({ setting, shadows }));
  if (bytes <= settingBytesMax) return [];
  const names = shadows.map(({ name }) => name).join(', ');
  const message = `${bytes} bytes are too many: a setting has at most ${settingBytesMax} together with its shadows (${names}); remove one of them, or shorten ids and the values of dimensions`;
  return [{ field: 'properties', message }];
}
