import { hourMs } from '@headroom/core';

/** Longest message that is read, in bytes: the most that Event Hubs delivers. */
export const bodyBytesMax = 1_048_576;
/** Most records of one message; a megabyte of Azure's records has some 3,000. */
export const recordsMax = 20_000;
/** Longest record, and longest excerpt of a rejected one, in bytes of compact JSON. */
export const recordBytesMax = 16_384;
export const resourceLengthMax = 1024;
export const metricLengthMax = 256;
export const dimensionsMax = 20;
export const dimensionNameLengthMax = 256;
export const dimensionValueLengthMax = 1024;
/** Longest grain; Azure's are PT1M to P1D. */
export const grainMaxMs = 24 * hourMs;
