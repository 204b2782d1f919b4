import type { ReplayCounts, ReplayFinding } from '../replay/replay-tally.ts';
import { printableIn } from '../text/printable.ts';
import { formatInstant } from '../text/when.ts';
import { whoseText } from './decision-line.ts';

/** A line a difference; nothing for a decision that replays as it was. */
export function findingLines(found: ReplayFinding): readonly string[] {
  const finding = printableIn(found);
  const { id, at, codeVersion, setting } = finding.decision;
  const head = `${formatInstant(at)}  ${whoseText(finding.decision)}  ${id}`;
  switch (finding.kind) {
    case 'identical':
      return [];
    case 'different':
      return finding.differences.map(({ path, recorded, replayed }) => {
        return `${head}  ${path}: recorded ${valueText(recorded)}, replayed ${valueText(replayed)} (code ${codeVersion})`;
      });
    case 'cannot':
      return [`${head}  cannot be replayed: ${finding.why}`];
    case 'noSetting':
      return [`${head}  setting ${setting.id} version ${setting.version} is not on record`];
  }
}

export function summaryLines(counts: ReplayCounts): readonly string[] {
  const { replayed, identical, different, cannot, noSetting, codeVersions } = counts;
  const parts = [
    `replayed ${replayed}`,
    `${identical} identical`,
    `${different} different`,
    `${noSetting} without their setting`,
    ...(cannot === 0 ? [] : [`${cannot} without their readings`]),
  ];
  const versions = Object.entries(printableIn(codeVersions));
  const made = versions.map(([version, count]) => `${version} (${count})`).join(', ');
  return [parts.join(', '), ...(made === '' ? [] : [`made by code ${made}`])];
}

function valueText(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
