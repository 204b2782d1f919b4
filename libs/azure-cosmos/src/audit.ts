import { isDeepStrictEqual } from 'node:util';
import { after, hourMs, instant, settingTargetOf } from '@headroom/core';
import type { AuditRecord, Decision, Instant, SettingRecord } from '@headroom/core';
import { DependencyUnavailable, foundMax } from '@headroom/ports';
import type { AuditLog, AuditQuestion, Log } from '@headroom/ports';
import { decodeAuditRecord } from '@headroom/wire';
import { auditDocument, contentOf, documentIds, monthOf } from './audit-document.ts';
import type { AuditDocument } from './audit-document.ts';
import type { Documents, Key, Sql, Stored } from './documents.ts';
import { problemText } from './unreadable.ts';

/** Months that are asked one by one; a longer time is one query over all of a target's. */
const monthsMax = 12;
/** How far the clocks of those who record may be ahead of ours. */
const skewMs = 24 * hourMs;

/** One document a record, in the logical partition of its target and month. Nothing is ever replaced. */
export class CosmosAudit implements AuditLog {
  readonly #documents: Documents;
  readonly #log: Log;

  constructor(documents: Documents, log: Log) {
    this.#documents = documents;
    this.#log = log;
  }

  async create(record: AuditRecord): Promise<'created' | 'same' | 'different'> {
    const document = auditDocument(record);
    if ((await this.#documents.create(document)) !== undefined) return 'created';
    const held = await this.#documents.read(document.id, [document.target, document.month]);
    if (held === undefined) throw new DependencyUnavailable('cosmos', vanished(document));
    const content: unknown = JSON.parse(JSON.stringify(document));
    return isDeepStrictEqual(contentOf(held), content) ? 'same' : 'different';
  }

  async *query(question: AuditQuestion): AsyncIterable<AuditRecord> {
    for (const key of keysOf(question)) yield* this.#records(sqlOf(question), key);
  }

  async find(beginning: string): Promise<readonly AuditRecord[]> {
    const found: AuditRecord[] = [];
    for await (const record of this.#records(beginningSql(beginning))) {
      if (found.push(record) === foundMax) break;
    }
    return found;
  }

  async settingOf(decision: Decision): Promise<SettingRecord | undefined> {
    const key = [settingTargetOf(decision)];
    for await (const record of this.#records(settingSql(decision), key)) {
      if (record.kind === 'setting') return record.setting;
    }
    return undefined;
  }

  async *#records(sql: Sql, key?: Key): AsyncIterable<AuditRecord> {
    for await (const found of this.#documents.query(sql, key)) {
      const record = this.#decode(found);
      if (record !== undefined) yield record;
    }
  }

  #decode({ document }: Stored): AuditRecord | undefined {
    const record = decodeAuditRecord(document);
    if (record.ok) return record.value;
    const problem = problemText(record.error);
    this.#log.error('audit.recordUnreadable', { id: document['id'], problem });
    return undefined;
  }
}

/** The partitions to ask, in order of time; `undefined` is all of them. */
function keysOf({ target, since, until }: AuditQuestion): readonly (Key | undefined)[] {
  if (target === undefined) return [undefined];
  const months = monthsBetween(since, until ?? after(instant(Date.now()), skewMs));
  return months.length > monthsMax ? [[target]] : months.map((month) => [target, month]);
}

/** Stops one above the limit: nobody asks for more of them. */
function monthsBetween(since: Instant, until: Instant): readonly string[] {
  const months: string[] = [];
  const first = new Date(since);
  for (let index = 0; index <= monthsMax; index++) {
    const start = instant(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + index));
    if (start > until) break;
    months.push(monthOf(start));
  }
  return months;
}

function sqlOf({ since, until }: AuditQuestion): Sql {
  const bounded = until === undefined ? '' : ' AND c.at <= @until';
  return {
    query: `SELECT * FROM c WHERE c.at >= @since${bounded} ORDER BY c.at ASC`,
    parameters: [
      { name: '@since', value: since },
      ...(until === undefined ? [] : [{ name: '@until', value: until }]),
    ],
  };
}

function beginningSql(beginning: string): Sql {
  const ids = documentIds(beginning).map((value, index) => ({ name: `@id${index}`, value }));
  const any = ids.map(({ name }) => `STARTSWITH(c.id, ${name})`).join(' OR ');
  return { query: `SELECT * FROM c WHERE ${any} ORDER BY c.at ASC`, parameters: ids };
}

/**
 * The members of a setting's record are those of its document. That a version moved to another partition is on record there
 * where it was; nothing was decided with it.
 */
function settingSql({ setting, at }: Decision): Sql {
  const version = `c.setting.version.id = @id AND c.setting.version.version = @version`;
  const isThere = `c.setting.version.content.kind != 'moved'`;
  return {
    query: `SELECT * FROM c WHERE c.kind = 'setting' AND ${version} AND ${isThere} AND c.at <= @at ORDER BY c.at DESC`,
    parameters: [
      { name: '@id', value: setting.id },
      { name: '@version', value: setting.version },
      { name: '@at', value: at },
    ],
  };
}

function vanished(document: AuditDocument): string {
  return `audit record ${document.id} was there and is not: try again`;
}
