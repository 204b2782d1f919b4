import type { Content, Event, Frame, Outcome } from './plain.ts';

export interface HeardSample {
  /** Which event of the log brought it. */
  readonly event: number;
  readonly path: string;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly seriesName: string;
  readonly end: number;
  readonly grainMs: number;
  readonly count: number;
  readonly total: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface HeardVersion {
  readonly event: number;
  readonly at: number;
  readonly version: number;
  readonly content: Content;
}

/** What was decided here and became an action. */
export interface OwnAction {
  readonly kind: 'decided';
  readonly at: number;
  readonly sequence: number;
  readonly direction: 'out' | 'in';
  /** Of the rule that won; bounds, pins and the default have none. */
  readonly cooldownMs?: number;
  /** The command that went out; none in mode `observe`. */
  readonly commandId?: string;
}

export type Happening =
  | OwnAction
  | { readonly kind: 'started'; readonly at: number; readonly commandId: string }
  | { readonly kind: 'outcome'; readonly at: number; readonly outcome: Outcome }
  | { readonly kind: 'capacity'; readonly at: number; readonly instances: number | undefined };

/** Everything that one target's log held so far, in plain lists. What it means is worked out anew at each evaluation. */
export class History {
  /** Log time: the greatest enqueued time so far. */
  now = 0;
  events = 0;
  readonly versions: HeardVersion[] = [];
  readonly happenings: Happening[] = [];
  readonly #samples = new Map<string, HeardSample[]>();
  readonly #highest = new Map<string, Position>();

  hear(event: Event, enqueuedAt: number): void {
    this.now = Math.max(this.now, enqueuedAt);
    this.events++;
    const at = this.now;
    switch (event.kind) {
      case 'frame':
        this.#hearFrame(event);
        break;
      case 'setting': {
        const { version, content } = event.version;
        if (version <= (this.current?.version ?? 0)) return;
        this.versions.push({ event: this.events, at, version, content });
        break;
      }
      case 'started':
        this.#happened({ kind: 'started', at, commandId: event.started.commandId });
        break;
      case 'outcome':
        this.#happened({ kind: 'outcome', at, outcome: event.outcome });
        break;
      case 'capacity':
        this.#happened({ kind: 'capacity', at, instances: event.observation.instances });
        break;
      case 'tick':
      case 'unreadable':
        break;
    }
  }

  get current(): HeardVersion | undefined {
    return this.versions.at(-1);
  }

  samplesOf(resource: string, metric: string): readonly HeardSample[] {
    return this.#samples.get(`${resource} ${metric.toLowerCase()}`) ?? [];
  }

  /** Since when the rules of the target's setting ask for the metric without a break. */
  askedSince(resource: string, metric: string): HeardVersion | undefined {
    const place = this.versions.findLastIndex(({ content }) => !asks(content, resource, metric));
    return this.versions[place + 1];
  }

  /** Before its first setting nobody looks at a target. */
  #happened(happening: Happening): void {
    if (this.current !== undefined) this.happenings.push(happening);
  }

  /** What is not above the highest position of its source so far comes a second time, and is dropped. */
  #hearFrame({ source, path, samples }: Frame): void {
    for (const { sample, position } of samples) {
      const highest = this.#highest.get(source);
      if (highest !== undefined && !isAbove(position, highest)) continue;
      this.#highest.set(source, position);
      const { resource, metric, dimensions } = sample.series;
      const key = `${resource} ${metric.toLowerCase()}`;
      const list = this.#samples.get(key) ?? [];
      this.#samples.set(key, list);
      const { time, grainMs, count, total, minimum, maximum } = sample;
      const seriesName = JSON.stringify(dimensions);
      const end = time + grainMs;
      const earlier = list.findLastIndex(
        (other) =>
          other.end === end && other.grainMs === grainMs && other.seriesName === seriesName,
      );
      if (earlier !== -1) list.splice(earlier, 1);
      const numbers = { end, grainMs, count, total, minimum, maximum };
      list.push({ event: this.events, path, dimensions, seriesName, ...numbers });
    }
  }
}

interface Position {
  readonly sequence: number;
  readonly index: number;
}

function isAbove(a: Position, b: Position): boolean {
  return a.sequence === b.sequence ? a.index > b.index : a.sequence > b.sequence;
}

function asks(content: Content, resource: string, metric: string): boolean {
  if (content.kind !== 'setting') return false;
  return content.setting.profiles.some(({ rules }) =>
    rules.some(
      ({ trigger }) =>
        trigger.resource === resource && trigger.metricName.toLowerCase() === metric.toLowerCase(),
    ),
  );
}
