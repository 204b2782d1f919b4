import type { Sample } from '@headroom/core';
import type { LoadModelUse } from './backtested.ts';

/** How one metric of one resource would have been with another number of instances. */
export interface LoadModel {
  /**
   * `ratio`: what an instance had of the load in the sample's grain, to what it had on record: n/n'. Undefined where the
   * record does not tell.
   */
  modelled(sample: Sample, ratio: number): Sample | undefined;
  /** With what was seen of it in the run. */
  use(): LoadModelUse;
}

export interface MetricName {
  readonly metric: string;
  readonly resource: string;
}

/** Values from here on may hide demand: a full instance shows no more. */
const nearFull = 95;
const full = 100;

/**
 * The total over all instances is the demand and stays what it was; an instance has n/n' of what it had. A percentage above
 * 100 is left as it is: it says that the instances could not have done it.
 */
export class SharedModel implements LoadModel {
  readonly #name: MetricName;
  readonly #why: string;
  readonly #isPercent: boolean;
  #samples = 0;
  #nearFull = 0;
  #overFull = 0;

  constructor(name: MetricName, why: string, isPercent: boolean) {
    this.#name = name;
    this.#why = why;
    this.#isPercent = isPercent;
  }

  modelled(sample: Sample, ratio: number): Sample {
    this.#count(sample.total / sample.count, ratio);
    if (ratio === 1) return sample;
    const { series, time, grainMs, count, total, minimum, maximum } = sample;
    const own = { count: count / ratio, minimum: minimum * ratio, maximum: maximum * ratio };
    return { series, time, grainMs, total, ...own };
  }

  use(): LoadModelUse {
    const text = `${this.#why}: an instance has n/n' of what it had${this.#fullText()}`;
    return { ...this.#name, model: 'shared', text };
  }

  #count(recorded: number, ratio: number): void {
    if (!this.#isPercent) return;
    this.#samples++;
    if (recorded >= nearFull) this.#nearFull++;
    if (recorded * ratio > full) this.#overFull++;
  }

  #fullText(): string {
    const hidden = partText(this.#nearFull, this.#samples);
    const beyond = partText(this.#overFull, this.#samples);
    return [
      hidden === ''
        ? ''
        : `; ${hidden} of the recorded values are at ${nearFull} % or more, which hide demand`,
      beyond === '' ? '' : `; ${beyond} would have been above 100 %`,
    ].join('');
  }
}

/** The same, however many instances there are. */
export class IndependentModel implements LoadModel {
  readonly #name: MetricName;
  readonly #why: string;

  constructor(name: MetricName, why: string) {
    this.#name = name;
    this.#why = why;
  }

  modelled(sample: Sample): Sample {
    return sample;
  }

  use(): LoadModelUse {
    const text = `${this.#why}: the same, however many instances there are`;
    return { ...this.#name, model: 'independent', text };
  }
}

export function percentText(part: number): string {
  if (part > 0 && part < 0.001) return 'less than 0.1 %';
  return `${(100 * part).toFixed(part < 0.1 ? 1 : 0)} %`;
}

function partText(part: number, whole: number): string {
  return part === 0 ? '' : percentText(part / whole);
}
