import type { Decision } from '@headroom/core';
import type { Replayed } from '@headroom/scenario';

/** What came of one decision. `noSetting`: the version that it was made with is not on record. */
export type ReplayFinding = (Replayed | { readonly kind: 'noSetting' }) & {
  readonly decision: Decision;
};

export interface ReplayCounts {
  readonly replayed: number;
  readonly identical: number;
  readonly different: number;
  readonly cannot: number;
  readonly noSetting: number;
  /** Decisions by the version of the code that made them. */
  readonly codeVersions: Readonly<Record<string, number>>;
}

/** Most versions of the code that are told apart. */
const codeVersionsMax = 100;

/** Counts what came of decisions. */
export class ReplayTally {
  readonly #counts = { identical: 0, different: 0, cannot: 0, noSetting: 0 };
  readonly #codeVersions = new Map<string, number>();

  get different(): number {
    return this.#counts.different;
  }

  add({ kind, decision: { codeVersion } }: ReplayFinding): void {
    this.#counts[kind]++;
    const isKnown = this.#codeVersions.has(codeVersion);
    const name = isKnown || this.#codeVersions.size < codeVersionsMax ? codeVersion : 'others';
    this.#codeVersions.set(name, (this.#codeVersions.get(name) ?? 0) + 1);
  }

  counts(): ReplayCounts {
    const { identical, different } = this.#counts;
    const codeVersions = Object.fromEntries(this.#codeVersions);
    return { replayed: identical + different, ...this.#counts, codeVersions };
  }
}
