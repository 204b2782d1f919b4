import { blockGrains } from '../metric/dense-samples.ts';
import type { DenseSamples } from '../metric/dense-samples.ts';

/** Windows from so many grains on keep what their whole blocks came to: shorter ones are added up as fast. */
export const keptGrains = 3 * blockGrains;

const width = 4;

/** What the whole blocks of one rule's long window came to, for as long as nothing in whole blocks changes. */
export class BlockSums {
  readonly samples: DenseSamples;
  /** Of each block: its index, what it came to, grains with a value, grains with a sample. */
  readonly rows: Float64Array;
  #rewrites: number;

  constructor(samples: DenseSamples, windowGrains: number) {
    this.samples = samples;
    this.#rewrites = samples.rewrites;
    this.rows = new Float64Array(width * (Math.ceil(windowGrains / blockGrains) + 1)).fill(-1);
  }

  /** Drops what may have changed. To be called before a reading. */
  refresh(): this {
    if (this.#rewrites !== this.samples.rewrites) this.rows.fill(-1);
    this.#rewrites = this.samples.rewrites;
    return this;
  }

  /** Where the block is kept; undefined where it is not. */
  rowOf(block: number): number | undefined {
    const row = this.#placeOf(block);
    return this.rows[row] === block ? row : undefined;
  }

  keep(block: number, combined: number, valued: number, present: number): number {
    const row = this.#placeOf(block);
    this.rows[row] = block;
    this.rows[row + 1] = combined;
    this.rows[row + 2] = valued;
    this.rows[row + 3] = present;
    return row;
  }

  #placeOf(block: number): number {
    return (width * block) % this.rows.length;
  }
}
