import { z } from 'zod';

/** A variable that holds JSON. A problem names the place in it and what belongs there, never a value: it may be a secret. */
export function jsonVariable<S extends z.ZodType>(shape: S, expected: string) {
  return z.string(expected).transform((text, context): z.output<S> => {
    const found = shape.safeParse(jsonOf(text));
    if (found.success) return found.data;
    for (const { path, message } of found.error.issues) {
      const place = path.length === 0 ? '' : ` at ${path.join('.')}`;
      context.addIssue({ code: 'custom', message: message + place });
    }
    return z.NEVER;
  });
}

/** What is no JSON is of no shape. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
