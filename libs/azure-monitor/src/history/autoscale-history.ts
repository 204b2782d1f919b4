import { instant } from '@headroom/core';
import type { Instant, Millis } from '@headroom/core';
import type { AutoscaleHistory, Clock, HistoryScope, Log } from '@headroom/ports';
import { credentialOf, monitorClients } from '../access.ts';
import type { MonitorOptions } from '../access.ts';
import { ListingRefused, listingError } from '../errors.ts';
import { idOf } from '../list-settings.ts';
import { Patience } from '../patience.ts';
import { RawPages } from '../raw-pages.ts';
import { activityEntry } from './activity-entry.ts';
import type { ActivityEntry } from './activity-entry.ts';
import { autoscaleEvents } from './autoscale-events.ts';

const dayMs: Millis = 86_400_000;
/** Time of one list: Azure looks through it before it answers the first page. */
const windowMs: Millis = 7 * dayMs;
/** Azure keeps the activity log so long, and refuses a list that begins earlier; a minute for clocks that differ. */
const keptMs: Millis = 90 * dayMs - 60_000;
/** Pages of one window, of 200 entries each. */
const pagesMax = 5000;

/** Azure's activity log. */
export function connectHistory(options: MonitorOptions, clock: Clock, log: Log): AutoscaleHistory {
  const credential = credentialOf(options);
  return {
    async events(scope, from, to) {
      const clientOf = monitorClients(options, credential);
      const list = new ActivityList(clientOf(scope.subscription), scope, clock);
      const entries: ActivityEntry[] = [];
      const begin = Math.max(from, clock.now() - keptMs);
      for (let at = begin; at < to; at += windowMs) {
        entries.push(...(await list.entries(instant(at), instant(Math.min(at + windowMs, to)))));
      }
      const { events, passedOver } = autoscaleEvents(entries);
      if (passedOver.size > 0) {
        log.info('autoscale-history.passed-over', { entries: Object.fromEntries(passedOver) });
      }
      return { events, calls: list.calls };
    },
  };
}

type Client = ReturnType<ReturnType<typeof monitorClients>>;

class ActivityList {
  readonly #client: Client;
  readonly #scope: HistoryScope;
  readonly #patience: Patience;
  readonly #raw: RawPages;
  #calls = 0;

  constructor(client: Client, scope: HistoryScope, clock: Clock) {
    this.#client = client;
    this.#scope = scope;
    this.#patience = new Patience(clock, "Azure's activity log");
    this.#raw = new RawPages(client);
  }

  /** Pages that were asked for. */
  get calls(): number {
    return this.#calls;
  }

  /** Of [from, to), in no order. */
  async entries(from: Instant, to: Instant): Promise<readonly ActivityEntry[]> {
    const entries: ActivityEntry[] = [];
    let next: string | undefined;
    for (let pages = 0; pages < pagesMax; pages++) {
      next = await this.#page(filterOf(this.#scope, from, to), next, entries);
      if (next === undefined) return entries.filter(({ at }) => at >= from && at < to);
    }
    throw new ListingRefused(
      `The activity log of ${idOf(this.#scope)} has more entries than can be read: give a resource group.`,
    );
  }

  /** Each page is asked for by itself: an iterator of the SDK that failed once says that the list is over. */
  async #page(
    filter: string,
    continuationToken: string | undefined,
    entries: ActivityEntry[],
  ): Promise<string | undefined> {
    const from = continuationToken === undefined ? {} : { continuationToken };
    this.#calls++;
    const answered = await this.#patience.call(() =>
      this.#client.activityLogs.list(filter).byPage(from).next(),
    );
    if (!answered.ok) {
      const list = { what: 'the activity log', scope: idOf(this.#scope) };
      throw listingError(answered.cause, list, this.#raw.last);
    }
    if (answered.value.done === true) return undefined;
    const page = answered.value.value;
    for (const raw of this.#raw.entries(page.length)) {
      const entry = activityEntry(raw);
      if (entry !== undefined) entries.push(entry);
    }
    return page.continuationToken;
  }
}

/** Beside the time, Azure takes one condition only (Activity Logs - List): a group's entries, or those of one provider. */
function filterOf({ resourceGroup }: HistoryScope, from: Instant, to: Instant): string {
  const [begin, end] = [from, to].map((at) => new Date(at).toISOString());
  const of =
    resourceGroup === undefined
      ? "resourceProvider eq 'Microsoft.Insights'"
      : `resourceGroupName eq '${resourceGroup.replaceAll("'", "''")}'`;
  return `eventTimestamp ge '${begin}' and eventTimestamp le '${end}' and ${of}`;
}
