import { z } from 'zod';
import { isObject } from '../json.ts';

/**
 * Accepts the named members in any spelling of upper and lower case. Inside a dimension Azure's own
 * documents write `DimensionName`, and for the list both `dimensions` and `Dimensions`.
 */
export function anyCase<Schema extends z.ZodType>(names: readonly string[], schema: Schema) {
  const nameOf = new Map(names.map((name) => [name.toLowerCase(), name]));
  return z.preprocess((value) => {
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, member]) => [nameOf.get(key.toLowerCase()) ?? key, member]),
    );
  }, schema);
}
