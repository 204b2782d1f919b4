import type { AutoscaleEvent, AutoscaleEventKind } from '@headroom/ports';
import { objectOf, textOf } from './activity-entry.ts';
import type { ActivityEntry } from './activity-entry.ts';
import { tiedEnds } from './tied-ends.ts';

/** What an entry is about, by its event's name or else by its operation. */
type Subject = 'begin' | 'end' | Exclude<AutoscaleEventKind, `Scale${string}`>;

const byEventName: Readonly<Record<string, Subject>> = {
  autoscaleaction: 'begin',
  getoperationstatusresult: 'end',
  metricfailure: 'MetricFailure',
  metricrecovery: 'MetricRecovery',
  flapping: 'Flapping',
  flappingoccurred: 'FlappingAdjusted',
};

/** Azure's engine speaks of up and down where out and in are meant. */
const byOperation: Readonly<Record<string, Subject>> = {
  ...byEventName,
  scaleup: 'begin',
  scaledown: 'begin',
  scaleupresult: 'end',
  scaledownresult: 'end',
  predictivescaleup: 'PredictiveScale',
  predictivescaleupresult: 'PredictiveScale',
};

export interface AutoscaleEvents {
  /** Rising in time. */
  readonly events: readonly AutoscaleEvent[];
  /** Names of entries that nothing is known about, with how many there were. */
  readonly passedOver: ReadonlyMap<string, number>;
}

/**
 * The events that entries tell of. One action may have several: it was begun (as Started, as Succeeded, or as both), and its
 * end has an entry of its own or is the Succeeded that follows a Started; each comes again in other languages. Of one
 * action there is one begin and one end.
 */
export function autoscaleEvents(entries: readonly ActivityEntry[]): AutoscaleEvents {
  const rising = entries.toSorted((a, b) => a.at - b.at);
  const runs = runsOf(rising);
  const seen = new Set<string>();
  const events: AutoscaleEvent[] = [];
  const passedOver = new Map<string, number>();
  for (const entry of rising) {
    const subject = subjectOf(entry);
    if (subject === undefined) {
      const name = entry.eventName || entry.operation;
      passedOver.set(name, (passedOver.get(name) ?? 0) + 1);
      continue;
    }
    const kind = kindOf(subject, entry, runs.get(runOf(entry)));
    if (kind === undefined) continue;
    const event = eventOf(kind, entry);
    const key = [runOf(entry), kind, event.from, event.to].join('\n');
    if (!seen.has(key)) events.push(event);
    seen.add(key);
  }
  return { events: tiedEnds(events), passedOver };
}

/** What else one run of the engine wrote. */
interface Run {
  started: boolean;
  ended: boolean;
}

function runsOf(entries: readonly ActivityEntry[]): ReadonlyMap<string, Run> {
  const runs = new Map<string, Run>();
  for (const entry of entries) {
    const run = runs.get(runOf(entry)) ?? { started: false, ended: false };
    const subject = subjectOf(entry);
    if (subject === 'begin' && entry.status === 'started') run.started = true;
    if (subject === 'end') run.ended = true;
    runs.set(runOf(entry), run);
  }
  return runs;
}

function runOf({ setting, correlationId }: ActivityEntry): string {
  return `${setting}\n${correlationId}`;
}

function subjectOf({ eventName, operation }: ActivityEntry): Subject | undefined {
  // Forecasts are not what Headroom does: that they scaled is told, that they failed is not.
  if (eventName === 'predictivemetricfailure') return undefined;
  if (operation.startsWith('predictive')) return byOperation[operation];
  return byEventName[eventName] ?? byOperation[operation];
}

/** `undefined`: another entry says it. */
function kindOf(
  subject: Subject,
  { status }: ActivityEntry,
  run: Run | undefined,
): AutoscaleEventKind | undefined {
  if (subject !== 'begin' && subject !== 'end') return subject;
  if (status === 'failed' || status === 'canceled') return 'ScaleFailed';
  if (subject === 'end') return isDone(status) ? 'ScaleSucceeded' : undefined;
  if (run?.started !== true || !isDone(status)) return 'ScaleStarted';
  return run.ended ? undefined : 'ScaleSucceeded';
}

function isDone(status: string): boolean {
  return status !== 'started' && status !== 'accepted' && status !== 'inprogress';
}

function eventOf(kind: AutoscaleEventKind, entry: ActivityEntry): AutoscaleEvent {
  const { at, setting, correlationId, description, properties } = entry;
  const from = countOf(properties.get('oldinstancescount')) ?? counted(description, before);
  const to = countOf(properties.get('newinstancescount')) ?? counted(description, behind);
  const profile = textOf(objectOf(properties.get('activeautoscaleprofile'))['Name']);
  return {
    at,
    setting,
    target: targetOf(entry),
    kind,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(profile === '' ? {} : { profile }),
    ...(kind === 'ScaleStarted' ? activeProfileOf(entry) : {}),
    correlationId,
    description,
  };
}

/** Longer than the longest that Azure writes: ten rules with their dimensions. */
const profileTextMax = 100_000;

function activeProfileOf({ properties }: ActivityEntry): Pick<AutoscaleEvent, 'activeProfile'> {
  const profile = objectOf(properties.get('activeautoscaleprofile'));
  const activeProfile = JSON.stringify(profile);
  if (profile['Rules'] === undefined || activeProfile.length > profileTextMax) return {};
  return { activeProfile };
}

function targetOf({ properties, description }: ActivityEntry): string {
  const named = textOf(properties.get('resourcename'));
  const told = named || (/resource:? '(\/subscriptions\/[^']+)'/i.exec(description)?.[1] ?? '');
  return told.toLowerCase().replace(/\/+$/, '');
}

/** A number, or its text. */
function countOf(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : textOf(value).trim();
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

// The engine's sentences: "from 2 instances count to 1 instances count", "Current instance count: '6', … Actual new
// instance count: '4'".
const before = [/\bfrom '?(\d{1,9})'? instances? ?count/i, /current instance count:? '?(\d{1,9})/i];
const behind = [
  /\bto '?(\d{1,9})'? instances? ?count/i,
  /actual new instance count:? '?(\d{1,9})/i,
  /intended new instance count:? '?(\d{1,9})/i,
];

function counted(description: string, sentences: readonly RegExp[]): number | undefined {
  const found = sentences.map((sentence) => sentence.exec(description)?.[1]);
  const count = found.find((text) => text !== undefined);
  return count === undefined ? undefined : Number(count);
}
