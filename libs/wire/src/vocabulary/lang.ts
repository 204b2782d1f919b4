import { instant, reasons, shadowNamePattern, targetId, targetIdLengthMax } from '@headroom/core';
import { z } from 'zod';

/** Longest name of a setting, profile, metric, dimension or path, in characters. */
export const nameLengthMax = 256;
/** Longest sentence for a person. */
export const proseLengthMax = 4096;
/** Longest name of a profile, in characters. */
export const titleLengthMax = 1024;
/** The range of a JavaScript date. */
export const epochMsMax = 8.64e15;
/** More instances than any resource of Azure has. */
export const instancesMax = 1_000_000;

/** Without control characters: `\n` separates the parts of keys, NUL ends strings elsewhere. */
const printable = /^\P{Cc}*$/u;

/** Milliseconds since 1970 as a number; a fraction below a millisecond is kept. */
export const instantSchema = z
  .number()
  .min(-epochMsMax)
  .max(epochMsMax)
  .transform((ms) => instant(ms));
export const reasonSchema = z.enum(reasons);
export const millisSchema = z.number().min(0).max(epochMsMax);
export const nameSchema = z
  .string()
  .min(1)
  .max(nameLengthMax)
  .regex(printable, 'control characters are not accepted');
export const idSchema = z
  .string()
  .min(1)
  .max(targetIdLengthMax)
  .regex(printable, 'control characters are not accepted');
export const shadowNameSchema = z.string().regex(shadowNamePattern);
/** Words of others may be long: they are cut, not refused. */
export const proseSchema = z
  .string()
  .transform((text) =>
    text.length > proseLengthMax ? `${text.slice(0, proseLengthMax - 1)}…` : text,
  );
/** A profile's name. A copy of the default profile has a JSON object as its name. */
export const titleSchema = z.string().max(titleLengthMax);
export const targetSchema = idSchema
  .regex(/^\s*\//, 'expected an ARM resource id, /subscriptions/…')
  .transform((id) => targetId(id));
export const instancesSchema = z.int().min(0).max(instancesMax);
/** What a target counts: instances, or calls a second in steps of 0.1 from a default that may be finer. */
export const capacitySchema = z
  .number()
  .min(0)
  .max(instancesMax)
  .refine(
    (value) => Math.abs(value * 1e6 - Math.round(value * 1e6)) < 1e-3,
    'at most six decimals',
  );
export const countSchema = z.int().min(0);
