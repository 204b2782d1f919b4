import type { Instant } from '../lang/instant.ts';
import type { SettingContent, SettingVersion } from '../setting/autoscale-setting.ts';
import { ownMetrics } from '../setting/metric-keys.ts';
import { shadowContent, shadowsOf } from '../setting/shadow.ts';
import type { Evaluated, FoldEntry } from './fold-entries.ts';
import type { SeriesIndex } from './series-index.ts';
import { keyOf } from './setting-at-work.ts';
import type { Watch } from './setting-at-work.ts';
import { ShadowEntry } from './shadow-entry.ts';
import type { EntrySnapshot, TargetSnapshot } from './snapshot.ts';
import type { TargetEntry } from './target-entry.ts';

/** Whoever has turns because of a setting: its entry and, beside an autoscale setting, its shadows. */
export function turnsOf(entry: FoldEntry): readonly Evaluated[] {
  return entry.kind === 'target' && entry.shadows.length > 0 ? [entry, ...entry.shadows] : [entry];
}

/**
 * Asks for what a version and its shadows read, and no longer for what only `known`, the entry before it, did. A metric that
 * any of them asked for goes on from then: neither an edited threshold nor a shadow that is put to work is blind. Answers
 * the watches of the entry, for whom its shadows have theirs already.
 */
export function watchSetting(
  series: SeriesIndex<Evaluated>,
  known: FoldEntry | undefined,
  entry: FoldEntry,
  version: SettingVersion,
  now: Instant,
): readonly Watch[] {
  const before = (known === undefined ? [] : turnsOf(known)).map((reader) => ({
    reader,
    watches: reader.watches,
  }));
  const since = sinceOf(before.flatMap(({ watches }) => watches));
  const ask = (reader: Evaluated, content: SettingContent | undefined) =>
    asked(series, reader, content, since, now);
  const watches = ask(entry, version.content);
  if (known?.kind === 'target' && known !== entry) for (const shadow of known.shadows) shadow.end();
  if (entry.kind === 'target') changeShadows(entry, version, ask);
  for (const { reader, watches: had } of before) {
    const left = reader.kind === 'shadow' ? reader.watches : reader === entry ? watches : [];
    const kept = new Set(left.map((watch) => watch.series));
    for (const watch of had) if (!kept.has(watch.series)) series.drop(watch.series, reader);
  }
  return watches;
}

/** The same for an entry that was restored, whose shadows were as well. */
export function watchAgain(
  series: SeriesIndex<Evaluated>,
  entry: FoldEntry,
  version: SettingVersion,
  saved: EntrySnapshot & Pick<TargetSnapshot, 'shadows'>,
  now: Instant,
): readonly Watch[] {
  for (const shadow of entry.kind === 'target' ? entry.shadows : []) {
    const its = saved.shadows?.find(({ name }) => name === shadow.name);
    const content = shadowContent(version.content, shadow.name);
    shadow.replace(version, asked(series, shadow, content, new Map(its?.asked), now));
  }
  return asked(series, entry, version.content, new Map(saved.asked), now);
}

/** One that stays, edited or not, keeps its state; one under another name is another one. */
function changeShadows(
  entry: TargetEntry,
  version: SettingVersion,
  ask: (shadow: ShadowEntry, content: SettingContent | undefined) => readonly Watch[],
): void {
  const before = new Map(entry.shadows.map((shadow) => [shadow.name, shadow]));
  entry.shadows = shadowsOf(version.content).map(({ name }) => {
    const shadow = before.get(name) ?? new ShadowEntry(name, entry, version);
    before.delete(name);
    shadow.replace(version, ask(shadow, shadowContent(version.content, name)));
    return shadow;
  });
  for (const gone of before.values()) gone.end();
}

function asked(
  series: SeriesIndex<Evaluated>,
  reader: Evaluated,
  content: SettingContent | undefined,
  since: ReadonlyMap<string, Instant>,
  now: Instant,
): readonly Watch[] {
  if (content === undefined) return [];
  return [...ownMetrics(content)].map(([key, metric]) => ({
    series: series.ask(metric, reader),
    since: since.get(key) ?? now,
  }));
}

/** The earliest of each. */
function sinceOf(watches: readonly Watch[]): ReadonlyMap<string, Instant> {
  const since = new Map<string, Instant>();
  for (const watch of watches) {
    const key = keyOf(watch);
    const first = since.get(key);
    if (first === undefined || watch.since < first) since.set(key, watch.since);
  }
  return since;
}
