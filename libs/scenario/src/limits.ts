import { hourMs } from '@headroom/core';
import type { Millis } from '@headroom/core';

const dayMs = 24 * hourMs;

/** Largest file of scale tests, in characters. */
export const fileCharactersMax = 4_000_000;

/** Most tests in one file. */
export const testsPerFileMax = 1_000;

/** Most inputs, events, expectations and decisions of one test, each. */
export const entriesMax = 10_000;

/** Most samples of one test, gaps counted: two months of seconds. */
export const samplesMax = 5_000_000;

/** Longest run: each second of it is one event of the log. */
export const runMax: Millis = 400 * dayMs;

/** Coarsest grain of a sample. */
export const grainMax: Millis = dayMs;

/** Most dimensions of an input. */
export const dimensionsMax = 20;

/** Most problems of one file that are told. */
export const problemsMax = 100;
