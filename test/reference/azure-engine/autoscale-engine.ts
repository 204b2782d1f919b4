import type { Random } from '../random.ts';
import type { ActivityEntry, AutoscaleEntry } from './activity.ts';
import { autoscaleEntry, manualEntry } from './activity.ts';
import type { ArmProfile, ArmRule, ArmSetting } from './arm-setting.ts';
import type { MetricDatabase } from './metric-database.ts';
import { MetricReader } from './metric-reader.ts';
import { OwnMetrics } from './own-metrics.ts';
import { profileAt } from './profile.ts';
import type { Habits, LastAction, Situation, Verdict } from './round.ts';
import { decideRound, observedOf } from './round.ts';
import type { Operation, ScaledTarget } from './scaled-target.ts';

export interface EngineOptions {
  /** As Azure Resource Manager holds it in the end. */
  readonly setting: ArmSetting;
  readonly former?: FormerSetting;
  readonly database: MetricDatabase;
  readonly target: ScaledTarget;
  readonly random: Random;
  readonly habits: Habits;
  /** From round to round, by the kind of resource: 30 to 60 s. */
  readonly roundMs: number;
}

/** What the setting was until somebody edited it. */
export interface FormerSetting {
  readonly until: number;
  readonly profiles: readonly ArmProfile[];
}

/** An action that was begun, and why: what nobody outside is told. */
export interface Action extends Operation {
  readonly why: (Verdict & { kind: 'scale' })['why'];
  /** The count was changed to avoid flapping. */
  readonly adjusted: boolean;
}

/** A round is so much early or late. */
const jitterMs = 4_000;

/**
 * Azure's autoscale of one setting as its documentation tells it: a round every 30 to 60 s, none while an operation runs,
 * one count of the cooldown for both directions. What it did is in the activity log, in the setting's own metrics and in `actions`.
 */
export class AutoscaleEngine {
  readonly activity: ActivityEntry[] = [];
  readonly actions: Action[] = [];
  readonly #options: EngineOptions;
  readonly #own: OwnMetrics;
  readonly #readers = new Map<ArmRule, MetricReader>();
  #lastAction: LastAction | undefined;
  #actionBefore: LastAction | undefined;
  #correlationId = '';
  #operationProfile: ArmProfile | undefined;
  #cannotRead = false;
  #flapsTo: number | undefined;
  #rounds = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#own = new OwnMetrics(options.database, options.setting.id);
    const { setting, former } = options;
    const profiles = [...setting.properties.profiles, ...(former?.profiles ?? [])];
    for (const rule of profiles.flatMap(({ rules }) => rules)) {
      this.#readers.set(rule, new MetricReader(options.database, rule.metricTrigger));
    }
  }

  /** @returns when the next one is due */
  round(now: number): number {
    const { setting, random, roundMs, target } = this.#options;
    this.#rounds++;
    this.settle(now);
    if (target.operation === undefined && setting.properties.enabled) this.#look(now);
    const next = roundMs + random.int(-jitterMs, jitterMs);
    return now + Math.min(60_000, Math.max(30_000, next));
  }

  /** Ends of operations are told when they come, changes by hand by Azure Resource Manager. */
  settle(now: number): void {
    const { target, setting } = this.#options;
    const { ended, manual } = target.advance(now);
    if (ended !== undefined) {
      const { from, to, endsAt: at, fails } = ended;
      this.#tell({ kind: fails ? 'failed' : 'completed', at, from, to });
      this.#cool(ended);
    }
    for (const { at } of manual) {
      const id = this.#idOf(at, 'write');
      this.activity.push(manualEntry(setting.properties.targetResourceUri, at, id));
    }
  }

  #cool({ endsAt, fails }: Operation): void {
    const { cooldownFrom, failureCools } = this.#options.habits;
    if (fails && !failureCools) this.#lastAction = this.#actionBefore;
    else if (cooldownFrom === 'end') this.#lastAction = { ...this.#lastAction, at: endsAt };
  }

  #look(now: number): void {
    const { target, habits } = this.#options;
    const profile = profileAt(this.#profilesAt(now), now);
    if (profile === undefined) return;
    const situation: Situation = {
      now,
      profile,
      capacity: target.capacity,
      lastAction: this.#lastAction,
      habits,
      read: this.#readOnce(now),
    };
    this.#operationProfile = profile;
    this.#correlationId = this.#idOf(now, String(this.#rounds));
    this.#measureItself(situation);
    const verdict = decideRound(situation);
    this.#tellOfMetrics(situation);
    if (verdict.kind === 'scale') this.#scale(verdict, now);
    if (verdict.kind === 'flapping' && this.#flapsTo !== verdict.intended) {
      const [from, to] = [target.capacity, verdict.intended];
      this.#tell({ kind: 'Flapping', at: now, from, to });
    }
    this.#flapsTo = verdict.kind === 'flapping' ? verdict.intended : undefined;
  }

  #profilesAt(now: number): readonly ArmProfile[] {
    const { setting, former } = this.#options;
    const isFormer = former !== undefined && now < former.until;
    return isFormer ? former.profiles : setting.properties.profiles;
  }

  /** One answer a rule and round. */
  #readOnce(now: number): Situation['read'] {
    const values = new Map<ArmRule, number | undefined>();
    return (rule) => {
      if (!values.has(rule)) values.set(rule, this.#readers.get(rule)?.value(now));
      return values.get(rule);
    };
  }

  #measureItself(situation: Situation): void {
    const { now, profile, capacity } = situation;
    this.#own.capacity(now, capacity);
    this.#own.thresholds(now, profile);
    for (const rule of profile.rules) {
      const value = observedOf(rule, situation);
      if (value !== undefined && Number.isFinite(value)) this.#own.observed(now, rule, value);
    }
  }

  #tellOfMetrics({ now, profile, capacity, read }: Situation): void {
    const cannotRead = profile.rules.some((rule) => read(rule) === undefined);
    if (cannotRead === this.#cannotRead) return;
    this.#cannotRead = cannotRead;
    const kind = cannotRead ? 'MetricFailure' : 'MetricRecovery';
    this.#tell({ kind, at: now, from: capacity, to: capacity });
  }

  #scale(verdict: Verdict & { kind: 'scale' }, now: number): void {
    const { target, setting } = this.#options;
    const { to, why, intended, cooldownMs } = verdict;
    const from = target.capacity;
    if (intended !== undefined) {
      this.#tell({ kind: 'FlappingOccurred', at: now, from, to, intended });
    }
    this.#tell({ kind: 'initiated', at: now, from, to });
    const direction = to > from ? 'Increase' : 'Decrease';
    this.#own.action(now, direction, setting.properties.targetResourceUri);
    this.#actionBefore = this.#lastAction;
    this.#lastAction = { at: now, ...(cooldownMs === undefined ? {} : { cooldownMs }) };
    this.actions.push({ ...target.scale(to, now), why, adjusted: intended !== undefined });
  }

  #tell(entry: Omit<AutoscaleEntry, 'profile' | 'lastActionAt' | 'correlationId'>): void {
    const profile = this.#operationProfile;
    if (profile === undefined) throw new Error('nothing is told before the first round');
    const lastActionAt = this.#lastAction?.at;
    const of = { profile, lastActionAt, correlationId: this.#correlationId };
    this.activity.push(autoscaleEntry(this.#options.setting, { ...entry, ...of }));
  }

  /** In the form of a GUID, of its own for each setting, round and write. */
  #idOf(now: number, salt: string): string {
    const text = `${this.#options.setting.name}${salt}`;
    let hash = 7;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash, 31) + text.charCodeAt(at);
    const [head, tail] = [hash >>> 0, Math.floor(now / 1_000)].map((number) => {
      return number.toString(16).padStart(8, '0');
    });
    return `${head}-0000-4000-8000-0000${tail}`;
  }
}
