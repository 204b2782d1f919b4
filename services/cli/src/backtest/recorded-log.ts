import { askedMetrics, instant, sampleEnd } from '@headroom/core';
import type {
  Frame,
  Instant,
  LoggedEvent,
  Millis,
  Outcome,
  Sample,
  SettingVersion,
  Started,
} from '@headroom/core';
import type { AutoscaleEvent } from '@headroom/ports';
import type { CapacityChangeAt } from '@headroom/scenario';

/** What a partition of the log tells of one target and of the metrics that its setting reads. */
export class RecordedLog {
  readonly samples: Sample[] = [];
  readonly capacities: CapacityChangeAt[] = [];
  readonly events: AutoscaleEvent[] = [];
  /** How the newest samples came. */
  path: string | undefined;
  /** Since when the setting in force has been the one that is. */
  inForceSince: Instant | undefined;
  readonly #version: SettingVersion;
  readonly #resources: ReadonlySet<string>;
  readonly #agesMs: Millis[] = [];

  /** `version`: in force now. */
  constructor(version: SettingVersion) {
    this.#version = version;
    const asked = [...askedMetrics(version.content).values()];
    this.#resources = new Set([version.target, ...asked.map(({ resource }) => resource)]);
  }

  /** The median, from the end of a grain until its sample was in the log; undefined where there is none. */
  get dataAgeMs(): Millis | undefined {
    return [...this.#agesMs].sort((a, b) => a - b)[Math.floor(this.#agesMs.length / 2)];
  }

  take({ event, enqueuedAt }: LoggedEvent): void {
    switch (event.kind) {
      case 'frame':
        this.#takeFrame(event, enqueuedAt);
        break;
      case 'setting':
        this.#takeVersion(event.version, enqueuedAt);
        break;
      case 'started':
        this.#takeStarted(event.started, enqueuedAt);
        break;
      case 'outcome':
        this.#takeOutcome(event.outcome, enqueuedAt);
        break;
      case 'capacity':
        if (event.observation.target !== this.#version.target) break;
        this.#setCapacity(event.observation.instances, enqueuedAt);
        break;
      case 'tick':
      case 'unreadable':
        break;
    }
  }

  #takeFrame({ samples, path }: Frame, at: Instant): void {
    for (const { sample } of samples) {
      if (!this.#resources.has(sample.series.resource)) continue;
      this.samples.push(sample);
      this.#agesMs.push(Math.max(0, at - sampleEnd(sample)));
      this.path = path;
    }
  }

  /** One version may be told again and again: whoever takes a partition tells it. */
  #takeVersion({ target, version }: SettingVersion, at: Instant): void {
    if (target !== this.#version.target || version !== this.#version.version) return;
    this.inForceSince ??= at;
  }

  #takeStarted({ target, commandId, to }: Started, at: Instant): void {
    if (target === this.#version.target) this.#tell('ScaleStarted', commandId, to, at);
  }

  #takeOutcome({ target, commandId, kind, to, capacity }: Outcome, at: Instant): void {
    if (target !== this.#version.target) return;
    if (kind === 'Applied') this.#tell('ScaleSucceeded', commandId, to, at);
    this.#setCapacity(capacity, at);
  }

  #setCapacity(instances: number | undefined, at: Instant): void {
    if (instances === undefined || this.capacities.at(-1)?.instances === instances) return;
    this.capacities.push({ at, instances });
  }

  #tell(kind: AutoscaleEvent['kind'], correlationId: string, to: number, at: Instant): void {
    const before = this.capacities.at(-1)?.instances;
    const { id: setting, target } = this.#version;
    const counts = before === undefined ? {} : { from: before, to };
    this.events.push({ at, kind, ...counts, setting, target, correlationId, description: '' });
  }
}

/** From the begin of the first grain to the end of the last. */
export function spanOf(samples: readonly Sample[]): readonly [from: Instant, to: Instant] {
  let [from, to] = [Infinity, -Infinity];
  for (const sample of samples) {
    from = Math.min(from, sample.time);
    to = Math.max(to, sampleEnd(sample));
  }
  return [instant(from), instant(to)];
}
