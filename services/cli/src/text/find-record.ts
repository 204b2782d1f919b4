import { placeOf } from '@headroom/core';
import type { AuditRecord } from '@headroom/core';
import { foundMax } from '@headroom/ports';
import type { AuditLog } from '@headroom/ports';
import { CommandFailed } from '../command-failed.ts';
import { shortName } from './target-name.ts';
import { formatInstant } from './when.ts';

/** So many characters of an id name one record of a million with near certainty. */
export const beginningMin = 8;

/** The one record whose id begins so; an outcome leads to what it is the outcome of. */
export async function findRecord(id: string, audit: AuditLog): Promise<AuditRecord> {
  const wanted = id.trim();
  if (wanted.length < beginningMin) {
    throw new CommandFailed(`"${id}" is too short: give at least ${beginningMin} characters of it`);
  }
  const found = only(wanted, await audit.find(wanted));
  if (found.kind !== 'outcome') return found;
  const { commandId } = found.outcome;
  const whole = (await audit.find(commandId)).find((record) => placeOf(record).id === commandId);
  return whole ?? found;
}

function only(wanted: string, found: readonly AuditRecord[]): AuditRecord {
  const exact = found.filter((record) => placeOf(record).id === wanted);
  const [first, ...others] = exact.length > 0 ? exact : found;
  if (first === undefined) {
    throw new CommandFailed(
      `no record's id begins with "${wanted}". The ids are in the output of "headroom audit".`,
    );
  }
  if (others.length === 0) return first;
  throw new CommandFailed(
    `${foundText(found.length)} begin with "${wanted}": give more of it.\n${listed(found)}`,
  );
}

function foundText(count: number): string {
  return count === foundMax ? `${count} ids or more` : `${count} ids`;
}

function listed(found: readonly AuditRecord[]): string {
  const lines = found.map((record) => {
    const { id, at, target } = placeOf(record);
    return `  ${id}  ${formatInstant(at)}  ${shortName(target)}  ${record.kind}`;
  });
  return lines.join('\n');
}
