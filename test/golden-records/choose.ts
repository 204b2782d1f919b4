import { PartitionFold } from '@headroom/core';
import type { AuditRecord, Decision, LogEvent, TopicMessage } from '@headroom/core';
import { MadeRun } from '../reference/made-run.ts';
import { Random } from '../reference/random.ts';

const identity = { logId: 'golden', partition: 0, codeVersion: 'golden' };

/** Of one run: most decisions, and most with the same finding. */
const ofRunMost = 90;
const ofFindingMost = 5;

/** The first `count` decisions, with their settings above them, that the runs from `seed` on bring forth. */
export function chooseGolden(seed: number, count: number): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  let left = count;
  for (let run = 0; left > 0; run++) {
    const chosen = ofRun(new Random(seed + run), run % 2 === 0, left);
    left -= chosen.filter(({ kind }) => kind === 'decision').length;
    records.push(...chosen);
  }
  return records;
}

/** `isWhole`: every evaluation is on record; otherwise actions, changes and heartbeats. */
function ofRun(random: Random, isWhole: boolean, most: number): readonly AuditRecord[] {
  const run = new MadeRun(random);
  const fold = new PartitionFold(identity);
  const choice = new Choice(Math.min(most, ofRunMost));
  run.play({
    meet: ({ sequence, enqueuedAt, events }) => {
      const asked = isWhole ? events : events.map(withChangesOnly);
      const said = fold.applyMessage(sequence, enqueuedAt, asked);
      choice.meet(said.filter((message) => targetOf(message) === run.target));
      return said;
    },
  });
  return choice.records;
}

class Choice {
  readonly records: AuditRecord[] = [];
  readonly #findings = new Map<string, number>();
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  meet(said: readonly TopicMessage[]): void {
    for (const message of said) {
      if (message.kind === 'setting') this.records.push(message);
      const decision = decisionOf(message);
      if (decision === undefined || this.#left === 0 || !this.#isWelcome(decision)) continue;
      this.#left--;
      const command = message.kind === 'scale' ? { command: message.command } : {};
      this.records.push({ kind: 'decision', decision, ...command });
    }
  }

  #isWelcome({ reason, profile, setting }: Decision): boolean {
    const finding = `${reason} ${profile ?? ''} ${setting.version}`;
    const found = (this.#findings.get(finding) ?? 0) + 1;
    this.#findings.set(finding, found);
    return found <= ofFindingMost;
  }
}

function decisionOf(message: TopicMessage): Decision | undefined {
  return message.kind === 'scale' || message.kind === 'decision' ? message.decision : undefined;
}

function targetOf(message: TopicMessage) {
  return message.kind === 'setting' ? message.setting.target : decisionOf(message)?.target;
}

function withChangesOnly(event: LogEvent): LogEvent {
  if (event.kind !== 'setting' || event.version.content.kind !== 'setting') return event;
  const { content } = event.version;
  const policy = { ...content.policy, auditLevel: 'changes' } as const;
  return { ...event, version: { ...event.version, content: { ...content, policy } } };
}
