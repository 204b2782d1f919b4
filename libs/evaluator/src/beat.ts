import { AssertionError, secondMs } from '@headroom/core';
import type { LogEvent, PartitionFold, SettingVersion, TargetId } from '@headroom/core';
import type { EvaluatorPorts } from './evaluator-ports.ts';
import type { SettingsByPartition } from './settings-by-partition.ts';

/** A setting that was appended and is not folded after this is appended again. */
const settingPatienceMs = 10 * secondMs;

/** Settings appended at one beat; the rest follows at the next. */
const settingsPerBeatMax = 500;

/** Longest reason that stands in for a setting. */
const reasonLengthMax = 500;

type HeldSettings = Pick<PartitionFold, 'versionOf' | 'grouped'>;

const tick: LogEvent = { kind: 'tick' };

/** What the owner of a partition appends each second: a tick, and the settings that the fold does not hold yet. */
export class Beat {
  readonly #ports: Pick<EvaluatorPorts, 'signals' | 'clock' | 'log'>;
  readonly #partition: number;
  readonly #settings: SettingsByPartition;
  readonly #appended = new Map<TargetId, { readonly version: number; readonly atMs: number }>();

  constructor(
    ports: Pick<EvaluatorPorts, 'signals' | 'clock' | 'log'>,
    partition: number,
    settings: SettingsByPartition,
  ) {
    this.#ports = ports;
    this.#partition = partition;
    this.#settings = settings;
  }

  /** Level-triggered: what does not reach the log, or is not folded in time, is appended again. Never rejects. */
  async append(fold: HeldSettings, knowsTheLog: boolean): Promise<void> {
    // Before that the log may hold what the fold does not.
    const missing = knowsTheLog ? this.#missing(fold) : [];
    const refused = await this.#tryAppend([...missing.map(eventOf), tick]);
    if (refused !== undefined && missing.length > 0) await this.#appendEach(missing);
  }

  /** A setting that has no place in a message holds its own target, with the reason, and nobody else's. */
  async #appendEach(missing: readonly SettingVersion[]): Promise<void> {
    await this.#tryAppend([tick]);
    for (const version of missing) {
      const refused = await this.#tryAppend([eventOf(version)]);
      if (refused !== undefined) await this.#tryAppend([eventOf(unreadable(version, refused))]);
    }
  }

  /** Answers why the log can never take the events; what passes is told, and tried again by a later beat. */
  async #tryAppend(events: readonly LogEvent[]): Promise<AssertionError | undefined> {
    try {
      await this.#ports.signals.append(this.#partition, events);
      return undefined;
    } catch (error) {
      this.#ports.log.warn('partition.beatFailed', { partition: this.#partition, error });
      return error instanceof AssertionError ? error : undefined;
    }
  }

  #missing(fold: HeldSettings): readonly SettingVersion[] {
    const nowMs = this.#ports.clock.monotonicMs();
    const missing: SettingVersion[] = [];
    for (const version of this.#settings.of(this.#partition, fold.grouped())) {
      if (missing.length >= settingsPerBeatMax) break;
      const held = fold.versionOf(version.target);
      // Of what it never held a fold need not hear that it is gone.
      if (held === 0 && version.content.kind === 'tombstone') continue;
      if (version.version <= held) {
        this.#appended.delete(version.target);
        continue;
      }
      const sent = this.#appended.get(version.target);
      const recent = sent !== undefined && nowMs - sent.atMs < settingPatienceMs;
      if (recent && sent.version >= version.version) continue;
      this.#appended.set(version.target, { version: version.version, atMs: nowMs });
      missing.push(version);
    }
    return missing;
  }
}

function eventOf(version: SettingVersion): LogEvent {
  return { kind: 'setting', version };
}

/** Under the target's own name: the setting's may be what does not fit. */
function unreadable({ target, version }: SettingVersion, refused: AssertionError): SettingVersion {
  const problem = `the setting cannot be put into the log: ${refused.message}`;
  const content = { kind: 'unreadable', problems: [problem.slice(0, reasonLengthMax)] } as const;
  return { target, id: target, version, content };
}
