import type { Mode, Problem, TargetId } from '@headroom/core';
import type { SettingStore } from '@headroom/ports';
import { localEnvironment } from '@headroom/runtime';
import type { Environment } from '@headroom/runtime';
import { applySetting, SettingNotWritten, targetOf } from '@headroom/settings';
import type { AppliedSetting, InForce } from '@headroom/settings';
import { takeDocument } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { openScaleTarget, silentLog, withStores } from '../connections.ts';
import { documentsIn, documentsOf, type Imported } from '../settings/imported.ts';
import { withoutWriting } from '../settings/without-writing.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { printable } from '../text/printable.ts';
import { problemText } from '../text/problem-text.ts';
import { shortName } from '../text/target-name.ts';

export interface ImportOptions {
  readonly data: string;
  readonly subscription?: string;
  readonly resourceGroup?: string;
  readonly mode?: Mode;
  readonly dryRun: boolean;
}

type Outcome = Exclude<AppliedSetting, { kind: 'invalid' }>['kind'] | 'refused';

/** `headroom import`: every document through the door of `headroom apply`, each for itself. */
export async function importSettings(
  files: readonly string[],
  options: ImportOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const env = () => localEnvironment(options.data, around.env);
  const { subscription, resourceGroup } = options;
  refuseSources(files, options);
  const found =
    subscription === undefined
      ? await documentsOf(files)
      : await documentsIn(subscription, resourceGroup, env());
  if (found.length === 0) throw new CommandFailed(nothingFound(options, env()));
  return withStores(options.data, around, async ({ settings }) => {
    const scaler = await openScaleTarget(env(), silentLog);
    const isScaled = (target: TargetId) => scaler.exclusionKey(target) !== undefined;
    const store = options.dryRun ? withoutWriting(settings) : settings;
    const twice = targetsTwice(found);
    const outcomes: Outcome[] = [];
    for (const one of found) {
      outcomes.push(await importOne(one, { options, store, twice, isScaled, around }));
    }
    around.out(`${totals(outcomes, options)}\n`);
    return outcomes.includes('refused') ? 1 : 0;
  });
}

/** Most often it is the wrong subscription, or the local system's own Azure that was asked. */
function nothingFound({ subscription, resourceGroup }: ImportOptions, env: Environment): string {
  if (subscription === undefined) return 'the files hold no autoscale setting';
  const group = resourceGroup === undefined ? '' : `, resource group ${resourceGroup}`;
  const asked = env['ARM_ENDPOINT'] === undefined ? '' : ` in the Azure at ${env['ARM_ENDPOINT']}`;
  return `subscription ${subscription}${group} has no autoscale settings that you may see${asked}: check both, and that you have the role Monitoring Reader there`;
}

function refuseSources(
  files: readonly string[],
  { subscription, resourceGroup }: ImportOptions,
): void {
  if (resourceGroup !== undefined && subscription === undefined) {
    throw new CommandFailed('--resource-group is one of a subscription: give --subscription too');
  }
  if ((subscription === undefined) === (files.length === 0)) {
    throw new CommandFailed('give files or --subscription: one of the two');
  }
}

interface Way {
  readonly options: ImportOptions;
  readonly store: SettingStore;
  /** Targets of more than one document. */
  readonly twice: ReadonlySet<TargetId>;
  readonly isScaled: (target: TargetId) => boolean;
  readonly around: Surroundings;
}

async function importOne({ place, document }: Imported, way: Way): Promise<Outcome> {
  const parsed = takeDocument(document);
  if (!parsed.ok) return refuse(place, parsed.error, way);
  const draft = parsed.value;
  if (way.twice.has(targetOf(draft))) return refuse(place, [twiceProblem], way);
  const scaled = draft.kind !== 'setting' || way.isScaled(targetOf(draft));
  const mode = scaled ? way.options.mode : 'observe';
  try {
    const applied = await applySetting(
      {
        ...{ document, parse: takeDocument, now: way.around.now(), modeOfNew: 'observe' },
        ...(mode === undefined ? {} : { mode }),
      },
      () => Promise.resolve(way.store),
    );
    if (applied.kind === 'invalid') return refuse(place, applied.problems, way);
    tell(place, applied, scaled, way);
    return applied.kind;
  } catch (error) {
    if (!(error instanceof SettingNotWritten)) throw error;
    return refuse(place, [{ field: '', message: error.message }], way);
  }
}

const twiceProblem: Problem = {
  field: 'properties.targetResourceUri',
  message:
    'another document of this import has the same target, and Headroom keeps one of a target: import the one that you mean from a file',
};

function targetsTwice(found: readonly Imported[]): ReadonlySet<TargetId> {
  const seen = new Set<TargetId>();
  const twice = new Set<TargetId>();
  for (const { document } of found) {
    const parsed = takeDocument(document);
    if (!parsed.ok) continue;
    const target = targetOf(parsed.value);
    if (seen.has(target)) twice.add(target);
    seen.add(target);
  }
  return twice;
}

function refuse(place: string, problems: readonly Problem[], { around }: Way): 'refused' {
  const why = problems.map(problemText).join('; ');
  around.err(`${printable(place)}: refused: ${why}\n`);
  return 'refused';
}

function tell(
  place: string,
  applied: InForce & { readonly kind: 'written' | 'unchanged' },
  scaled: boolean,
  { options, around }: Way,
): void {
  const { target, content, version } = applied;
  const name = shortName(target);
  const off = content.kind === 'setting' && !content.setting.enabled;
  const rest = `version ${version}, mode ${content.policy.mode}${off ? ', disabled' : ''}`;
  around.out(`${printable(`${name}: ${doneText(applied.kind, options)}, ${rest}`)}\n`);
  if (!scaled) {
    around.err(
      `note: ${printable(name)}: Headroom cannot scale a target of this kind: it only observes\n`,
    );
  }
  if (applied.kind === 'unchanged') return;
  for (const warning of applied.warnings) {
    around.err(`warning: ${printable(place)}: ${problemText(warning)}\n`);
  }
  if (scaled && !off && content.kind === 'setting' && content.policy.mode === 'act') {
    around.err(
      `note: ${printable(name)}: Azure's own setting is enabled: where it is in force still, both will pull on the target. az monitor autoscale update --name ${printable(content.setting.name)} --enabled false\n`,
    );
  }
}

function doneText(kind: 'written' | 'unchanged', { dryRun }: ImportOptions): string {
  if (kind === 'unchanged') return 'unchanged';
  return dryRun ? 'would be imported' : 'imported';
}

/** `2 imported, 1 unchanged, 0 refused`. */
function totals(outcomes: readonly Outcome[], options: ImportOptions): string {
  const count = (kind: Outcome) => outcomes.filter((one) => one === kind).length;
  return `${count('written')} ${doneText('written', options)}, ${count('unchanged')} unchanged, ${count('refused')} refused`;
}
