import { settingTargetOf } from '@headroom/core';
import type { Decision, SettingContent, SettingRecord } from '@headroom/core';
import type { AuditLog } from '@headroom/ports';

/** Most versions that are held at once; the oldest goes first and is asked for again where it is needed. */
const heldMax = 500;

/** The versions that decisions were made with, as the audit log has them: each is asked for once in a while. */
export class SettingsOnRecord {
  readonly #audit: Pick<AuditLog, 'settingOf'>;
  readonly #held = new Map<string, SettingRecord | undefined>();

  constructor(audit: Pick<AuditLog, 'settingOf'>) {
    this.#audit = audit;
  }

  /** One that came by: decisions that come later were made with it. */
  keep(record: SettingRecord): void {
    const { target, id, version, content } = record.version;
    // It went to another partition, where the version itself is on record.
    if (content.kind === 'moved') return;
    this.#hold(keyOf(target, id, version), record);
  }

  /** `undefined`: it is not on record. */
  async of(decision: Decision): Promise<SettingContent | undefined> {
    const key = keyOf(settingTargetOf(decision), decision.setting.id, decision.setting.version);
    if (!this.#held.has(key)) this.#hold(key, await this.#audit.settingOf(decision));
    return this.#held.get(key)?.version.content;
  }

  #hold(key: string, record: SettingRecord | undefined): void {
    this.#held.delete(key);
    this.#held.set(key, record);
    const [oldest] = this.#held.keys();
    if (this.#held.size > heldMax && oldest !== undefined) this.#held.delete(oldest);
  }
}

function keyOf(target: string, id: string, version: number): string {
  return `${target}\n${id}\n${version}`;
}
