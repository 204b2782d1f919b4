import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { AuditRecord, Decision, SettingContent } from '@headroom/core';
import { decodeAuditRecord, encodeAuditRecord } from '@headroom/wire';

/** Audit records, one a line, gzipped. A decision's setting is the last one of its target, id and version above it. */
const file = new URL('./decisions.ndjson.gz', import.meta.url);

/** A decision, the setting that it was made with, and where it is in the file. */
export interface GoldenDecision {
  readonly line: number;
  readonly decision: Decision;
  readonly content: SettingContent;
}

export function writeGolden(records: readonly AuditRecord[]): number {
  const lines = records.map((record) => `${JSON.stringify(encodeAuditRecord(record))}\n`);
  const bytes = gzipSync(lines.join(''), { level: 9 });
  writeFileSync(file, bytes);
  return bytes.length;
}

export function readGolden(): readonly GoldenDecision[] {
  const settings = new Map<string, SettingContent>();
  const decisions: GoldenDecision[] = [];
  recordsOf(gunzipSync(readFileSync(file)).toString('utf8')).forEach((record, index) => {
    const line = index + 1;
    if (record.kind === 'setting') {
      const { target, id, version, content } = record.setting.version;
      settings.set(JSON.stringify([target, id, version]), content);
    }
    if (record.kind !== 'decision') return;
    const { decision } = record;
    const { target, setting } = decision;
    const content = settings.get(JSON.stringify([target, setting.id, setting.version]));
    if (content === undefined) throw new Error(`line ${line}: no setting above it`);
    decisions.push({ line, decision, content });
  });
  return decisions;
}

function recordsOf(text: string): readonly AuditRecord[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const record = decodeAuditRecord(JSON.parse(line));
    if (!record.ok) throw new Error(`line ${index + 1}: ${JSON.stringify(record.error)}`);
    return record.value;
  });
}
