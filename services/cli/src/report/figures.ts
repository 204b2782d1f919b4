import { hourMs, minuteMs } from '@headroom/core';
import type { LintFinding, Millis, Severity } from '@headroom/core';
import { instanceHours } from '@headroom/scenario';
import type { AssessedAction, Assessment, Caveat } from '@headroom/scenario';
import { timedScaleOuts } from './minutes.ts';
import type { TimedScaleOut } from './minutes.ts';

/** What one setting, or many together, come to. */
export interface Figures {
  readonly settings: number;
  /** Azure's. */
  readonly actions: number;
  readonly reproduced: number;
  readonly explained: number;
  /** Of the explained ones: with data of an age that no reading of Azure's confirms. */
  readonly unconfirmed: number;
  /** Of the explained ones: nothing was run again. */
  readonly onAzuresWord: number;
  readonly unexplained: number;
  /** Headroom's alone. */
  readonly missed: number;
  /** Over a threshold, and nothing was done. */
  readonly heldMs: Millis;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
  /** By Azure, of those settings whose capacity is on record. */
  readonly instanceHours?: number;
  /** Over the same time, of those settings that could be backtested. */
  readonly compared?: ComparedHours;
  /** Of those whose minutes are known. */
  readonly scaleOuts?: ScaleOutTimes;
}

export interface ComparedHours {
  readonly azure: number;
  readonly headroom: number;
  readonly settings: number;
}

export interface ScaleOutTimes {
  readonly count: number;
  readonly totalMs: Millis;
  /** Until Azure's engine had the data and looked at it: whoever is told by an app need not wait for either. */
  readonly unseenMs: Millis;
}

export function figuresOf(assessment: Assessment): Figures {
  const { actions, missed, holds, findings, instanceHours } = assessment;
  const compared = comparedHours(assessment);
  const scaleOuts = scaleOutTimes(assessment);
  return {
    settings: 1,
    actions: actions.length,
    reproduced: actions.filter(({ finding }) => finding.kind === 'reproduced').length,
    explained: actions.filter(({ finding }) => finding.kind === 'explained').length,
    unconfirmed: caveatsOf(actions, 'unconfirmed'),
    onAzuresWord: caveatsOf(actions, 'azuresWord'),
    unexplained: actions.filter(({ finding }) => finding.kind === 'unexplained').length,
    missed: missed.length,
    heldMs: holds.reduce((sum, { from, to }) => sum + to - from, 0),
    errors: countOf(findings, 'error'),
    warnings: countOf(findings, 'warning'),
    notes: countOf(findings, 'note'),
    ...(instanceHours === undefined ? {} : { instanceHours }),
    ...(compared === undefined ? {} : { compared }),
    ...(scaleOuts === undefined ? {} : { scaleOuts }),
  };
}

function scaleOutTimes(assessment: Assessment): ScaleOutTimes | undefined {
  const known = timedScaleOuts(assessment);
  if (known.length === 0) return undefined;
  const sum = (of: (one: TimedScaleOut) => Millis) => known.reduce((all, one) => all + of(one), 0);
  const unseenMs = sum(({ minutes }) => minutes.dataAgeMs + minutes.engineMs);
  return { count: known.length, totalMs: sum(({ totalMs }) => totalMs), unseenMs };
}

export function sumOf(all: readonly Figures[]): Figures {
  const sum = (of: (figures: Figures) => number) => all.reduce((total, one) => total + of(one), 0);
  const hours = all.filter(({ instanceHours }) => instanceHours !== undefined);
  const compared = all.flatMap((figures) => figures.compared ?? []);
  const total = (of: (hours: ComparedHours) => number) =>
    compared.reduce((sum, one) => sum + of(one), 0);
  const timed = all.flatMap(({ scaleOuts }) => scaleOuts ?? []);
  const times = (of: (times: ScaleOutTimes) => number) =>
    timed.reduce((sum, one) => sum + of(one), 0);
  return {
    settings: all.length,
    actions: sum(({ actions }) => actions),
    reproduced: sum(({ reproduced }) => reproduced),
    explained: sum(({ explained }) => explained),
    unconfirmed: sum(({ unconfirmed }) => unconfirmed),
    onAzuresWord: sum(({ onAzuresWord }) => onAzuresWord),
    unexplained: sum(({ unexplained }) => unexplained),
    missed: sum(({ missed }) => missed),
    heldMs: sum(({ heldMs }) => heldMs),
    errors: sum(({ errors }) => errors),
    warnings: sum(({ warnings }) => warnings),
    notes: sum(({ notes }) => notes),
    ...(hours.length === 0 ? {} : { instanceHours: sum((one) => one.instanceHours ?? 0) }),
    ...(compared.length === 0
      ? {}
      : {
          compared: {
            azure: total(({ azure }) => azure),
            headroom: total(({ headroom }) => headroom),
            settings: compared.length,
          },
        }),
    ...(timed.length === 0
      ? {}
      : {
          scaleOuts: {
            count: times(({ count }) => count),
            totalMs: times(({ totalMs }) => totalMs),
            unseenMs: times(({ unseenMs }) => unseenMs),
          },
        }),
  };
}

/** What an error of lint, and an action that nothing explains, count as in the order of settings. */
export const errorWeighsMs = 4 * hourMs;
export const unexplainedWeighsMs = hourMs;
const warningWeighsMs = minuteMs;

/** How much a setting hurts, in time over a threshold. */
export function hurtMs({ heldMs, errors, unexplained, warnings }: Figures): Millis {
  return (
    heldMs + errors * errorWeighsMs + unexplained * unexplainedWeighsMs + warnings * warningWeighsMs
  );
}

/** What Azure used while the backtest ran: it may have begun later than the history. */
export function comparedHours({ history, backtest }: Assessment): ComparedHours | undefined {
  if (backtest.kind === 'refused' || history.capacities.length === 0) return undefined;
  const { from, to, figures } = backtest.run;
  const azure = instanceHours(history.capacities, from, to);
  return { azure, headroom: figures.instanceHours, settings: 1 };
}

function caveatsOf(actions: readonly AssessedAction[], wanted: Caveat): number {
  return actions.filter(({ finding }) => finding.kind === 'explained' && finding.caveat === wanted)
    .length;
}

function countOf(findings: readonly LintFinding[], wanted: Severity): number {
  return findings.filter(({ severity }) => severity === wanted).length;
}
