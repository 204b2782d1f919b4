import { PartitionFold } from '@headroom/core';
import type { Instant, LogEvent, PositionedSample, TargetId } from '@headroom/core';
import type { TopicMessage } from '@headroom/core';
import { MetricDecoder } from '@headroom/wire';
import { WantedIndex } from '../../libs/router/src/wanted-index.ts';
import { capacity, endOf, sampleOf, settingVersions } from './evaluator-fleet.ts';
import type { FleetRules } from './evaluator-fleet.ts';

/** Samples of one frame, and events of one message, at most. */
const frameSamples = 2_000;

/**
 * Headroom's side: the router's decoder and index, and the fold of one partition of the log with all
 * settings in it. What lies between the two in production, the log itself and its JSON, is left out.
 */
export class HeadroomSide {
  readonly fold = new PartitionFold({ logId: 'bench', partition: 0, codeVersion: 'bench' });
  readonly #decoder = new MetricDecoder();
  readonly #wanted = new WantedIndex(1);
  readonly #targets: TargetId[] = [];
  #sequence = 0;
  #position = 0;

  /** Its settings are put, and their capacities seen, at the end of `minute`. */
  constructor(settings: number, rules: FleetRules, minute: number) {
    const versionOf = settingVersions(rules);
    for (let first = 0; first < settings; first += frameSamples) {
      const count = Math.min(frameSamples, settings - first);
      const versions = Array.from({ length: count }, (_, at) => versionOf(first + at));
      for (const version of versions) this.#wanted.update(version);
      this.#targets.push(...versions.map(({ target }) => target));
      this.#apply(
        endOf(minute),
        versions.map((version) => ({ kind: 'setting', version })),
      );
    }
    this.confirmCapacities(endOf(minute));
  }

  /** What nobody asks again for the next 60 s. */
  confirmCapacities(at: Instant): void {
    for (let first = 0; first < this.#targets.length; first += frameSamples) {
      const events = this.#targets.slice(first, first + frameSamples).map((target): LogEvent => {
        const observation = { target, commandId: 'bench', instances: capacity, detail: '', at };
        return { kind: 'capacity', observation };
      });
      this.#apply(at, events);
    }
  }

  /** A sample of each setting for each of the minutes, all of them in the log at `at`. */
  fill(firstMinute: number, lastMinute: number, at: Instant): void {
    const settings = this.#targets.length;
    for (let minute = firstMinute; minute <= lastMinute; minute++) {
      for (let first = 0; first < settings; first += frameSamples) {
        const count = Math.min(frameSamples, settings - first);
        const sequence = this.#position++;
        const samples = Array.from({ length: count }, (_, index) => ({
          sample: sampleOf(first + index, minute),
          position: { sequence, index },
        }));
        this.#frame(at, samples);
      }
    }
  }

  /** Decodes bodies and puts what somebody asks for into the windows; answers how many samples that were. */
  ingest(bodies: readonly Uint8Array[], at: Instant): number {
    let known = 0;
    let samples: PositionedSample[] = [];
    for (const body of bodies) {
      const sequence = this.#position++;
      const decoded = this.#decoder.decode(body, this.#wanted.wanted);
      for (const { sample, index } of decoded.samples) {
        samples.push({ sample, position: { sequence, index } });
      }
      known += decoded.samples.length;
      if (samples.length < frameSamples) continue;
      this.#frame(at, samples);
      samples = [];
    }
    this.#frame(at, samples);
    return known;
  }

  tick(at: Instant): readonly TopicMessage[] {
    return this.#apply(at, [{ kind: 'tick' }]);
  }

  /** A tick with pauses in between. */
  ticking(at: Instant): Generator<undefined, readonly TopicMessage[]> {
    return this.fold.steps(this.#sequence++, at, [{ kind: 'tick' }]);
  }

  #frame(at: Instant, samples: readonly PositionedSample[]): void {
    const [first, last] = [samples[0]?.position, samples.at(-1)?.position];
    if (first === undefined || last === undefined) return;
    this.#apply(at, [{ kind: 'frame', source: 'metrics/0', path: 'push', first, last, samples }]);
  }

  #apply(at: Instant, events: readonly LogEvent[]): readonly TopicMessage[] {
    return this.fold.applyMessage(this.#sequence++, at, events);
  }
}
