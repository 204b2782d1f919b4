import { instant } from '@headroom/core';
import type { Instant } from '@headroom/core';
import type { TargetHistory } from '@headroom/scenario';
import { CommandFailed, messageOf } from '../command-failed.ts';
import { beginOf, daysOf, endOf } from './days.ts';
import type { Day } from './days.ts';
import { fetchMetrics } from './fetch-metrics.ts';
import type {
  Histories,
  HistoryProgress,
  HistoryRequest,
  HistorySources,
  UnreadSetting,
} from './histories.ts';
import { HistoryCache } from './history-cache.ts';
import { isKnown, knownSetting, namedAmong } from './known-setting.ts';
import type { KnownSetting } from './known-setting.ts';
import { loadHistory } from './load-history.ts';

/**
 * Fetches what the cache lacks of the request, and gives what it then holds. Days that are over are fetched once.
 *
 * @throws CommandFailed: Azure refuses or does not answer; what was fetched until then is kept
 */
export async function fetchHistories(
  request: HistoryRequest,
  sources: HistorySources,
): Promise<Histories> {
  const cache = HistoryCache.of(request.data, request.subscription);
  const fetching = new Fetching(request, sources, cache);
  try {
    return await fetching.histories();
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    if (!isNamed(error, 'ListingRefused') && !isNamed(error, 'DependencyUnavailable')) throw error;
    const kept = 'What was fetched until then is kept: run it again, and it goes on from there.';
    const why = messageOf(error).replace(/[.\s]*$/, '.');
    throw new CommandFailed(fetching.hasKept ? `${why} ${kept}` : why, { cause: error });
  }
}

/**
 * What the cache holds of the request; what it lacks is in `gaps` of each history.
 *
 * @throws CommandFailed: it holds nothing of it
 */
export async function cachedHistories(request: HistoryRequest): Promise<Histories> {
  const { data, subscription, resourceGroup } = request;
  const cache = HistoryCache.of(data, subscription);
  const documents = await cache.settings(resourceGroup);
  if (documents === undefined) {
    const of = resourceGroup === undefined ? '' : ` of its group ${resourceGroup}`;
    const todo = 'Run it without --offline first, or give the --data that it ran with';
    throw new CommandFailed(`${cache.folder} holds no settings${of}. ${todo}`);
  }
  const all = documents.map((document) => knownSetting(document, (id) => cache.settingOf(id)));
  return historiesOf(namedAmong(all, request.names), request, 0);
}

/**
 * Every setting of which the folder of a subscription holds anything, each over the days that it has of it.
 *
 * @throws CommandFailed: it is no such folder
 */
export async function historiesIn(folder: string): Promise<Histories> {
  const cache = new HistoryCache(folder);
  const documents = await cache.everySetting().catch((error: unknown) => {
    throw new CommandFailed(`${folder} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  if (documents.length === 0) {
    const what = 'is no folder of fetched histories';
    throw new CommandFailed(`${folder} ${what}: give one below assess/ of Headroom's folder`);
  }
  const all = documents.map((document) => knownSetting(document, (id) => cache.settingOf(id)));
  return historiesOf(all, undefined, 0);
}

class Fetching {
  readonly #request: HistoryRequest;
  readonly #sources: HistorySources;
  readonly #cache: HistoryCache;
  readonly #now: Instant;
  #calls = 0;
  #done = 0;
  #hasKept = false;

  constructor(request: HistoryRequest, sources: HistorySources, cache: HistoryCache) {
    this.#request = request;
    this.#sources = sources;
    this.#cache = cache;
    this.#now = sources.now();
  }

  /** Whether the cache holds more than before, beside the list of settings, which is fetched each time. */
  get hasKept(): boolean {
    return this.#hasKept;
  }

  async histories(): Promise<Histories> {
    const { subscription, resourceGroup } = this.#request;
    const scope = { subscription, ...(resourceGroup === undefined ? {} : { resourceGroup }) };
    this.#tell('settings', 0, 1);
    const documents = await this.#sources.settingsIn(scope);
    this.#calls++;
    await this.#cache.keepSettings(documents, resourceGroup);
    const cacheOf = (id: string) => this.#cache.settingOf(id);
    const every = documents.map((document) => knownSetting(document, cacheOf));
    const all = namedAmong(every, this.#request.names);
    const settings = all.filter(isKnown);
    this.#tell('settings', 1, 1);
    const refusal = await this.#fetchEvents(settings);
    await this.#fetchMetrics(settings);
    return historiesOf(all, this.#request, this.#calls, refusal);
  }

  /** The regions that were learned are kept even where it fails: they are a call a resource. */
  async #fetchMetrics(settings: readonly KnownSetting[]): Promise<void> {
    const { from, to } = this.#request;
    const total = settings.length * daysOf(from, to).length;
    const regions = await this.#cache.regions();
    const known = regions.size;
    const tell = () => this.#tell('metrics', this.#done, total);
    try {
      await fetchMetrics({
        ...{ settings, from, to, now: this.#now, source: this.#sources.metrics, regions },
        onDays: (days, source) => {
          this.#done += days;
          this.#hasKept ||= source === 'azure' && days > 0;
          tell();
        },
        onCalls: (calls) => {
          this.#calls += calls;
          tell();
        },
      });
    } finally {
      if (regions.size > known) await this.#cache.keepRegions(regions);
      this.#hasKept ||= regions.size > known;
    }
  }

  /** One list for all settings, from the first day that one of them lacks. Without the right to it the rest is fetched all the same. */
  async #fetchEvents(settings: readonly KnownSetting[]): Promise<readonly string[]> {
    const first = await this.#firstMissing(settings);
    if (first === undefined) return [];
    const { subscription, resourceGroup, to } = this.#request;
    const days = daysOf(beginOf(first), to);
    const end = instant(Math.min(endOf(days.at(-1) ?? first), this.#now));
    this.#tell('events', 0, days.length);
    const scope = { subscription, ...(resourceGroup === undefined ? {} : { resourceGroup }) };
    try {
      const { events, calls } = await this.#sources.events.events(scope, beginOf(first), end);
      this.#calls += calls;
      const bySetting = Map.groupBy(events, ({ setting }) => setting);
      for (const { id, cache } of settings) {
        await cache.keepEvents(bySetting.get(id) ?? [], days, this.#now);
        this.#hasKept = true;
      }
    } catch (error) {
      if (!isNamed(error, 'ListingRefused')) throw error;
      return [messageOf(error)];
    }
    this.#tell('events', days.length, days.length);
    return [];
  }

  async #firstMissing(settings: readonly KnownSetting[]): Promise<Day | undefined> {
    const { from, to } = this.#request;
    for (const day of daysOf(from, to)) {
      for (const { cache } of settings) if (!(await cache.hasEvents(day))) return day;
    }
    return undefined;
  }

  #tell(step: HistoryProgress['step'], done: number, total: number): void {
    this.#request.onProgress?.({ step, done, total, calls: this.#calls });
  }
}

/** The adapter is loaded when it is needed: its classes are not at hand. */
function isNamed(error: unknown, name: string): boolean {
  return (error as { readonly name?: unknown } | undefined)?.name === name;
}

interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** Without a span: what there is of each. `gaps`: what every one lacks. */
function historiesOf(
  all: readonly (KnownSetting | UnreadSetting)[],
  span: Span | undefined,
  calls: number,
  gaps: readonly string[] = [],
): Histories {
  const settings = all.filter(isKnown);
  const unread = all.filter((one): one is UnreadSetting => !isKnown(one));
  return { each: new EachHistory(settings, span, gaps), settings: settings.length, unread, calls };
}

class EachHistory implements AsyncIterable<TargetHistory> {
  readonly #settings: readonly KnownSetting[];
  readonly #span: Span | undefined;
  readonly #gaps: readonly string[];

  constructor(settings: readonly KnownSetting[], span: Span | undefined, gaps: readonly string[]) {
    this.#settings = settings;
    this.#span = span;
    this.#gaps = gaps;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<TargetHistory> {
    for (const one of this.#settings) {
      const fetched = await fetchedSpan(one);
      const span = this.#span ?? fetched;
      if (span === undefined) continue;
      // What comes after the last fetch is not missing: it was never asked for.
      const to = instant(Math.min(span.to, fetched?.to ?? span.to));
      const history = await loadHistory(one, span.from, to);
      yield { ...history, gaps: [...this.#gaps, ...history.gaps] };
    }
  }
}

async function fetchedSpan({ cache }: KnownSetting): Promise<Span | undefined> {
  const days = [...(await cache.days())].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const [first, last] = [days[0]?.[1], days.at(-1)?.[1]];
  return first === undefined || last === undefined ? undefined : { from: first.from, to: last.to };
}
