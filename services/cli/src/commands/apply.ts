import { localEnvironment } from '@headroom/runtime';
import { openStores, silentLog } from '../connections.ts';
import { applySetting, type AppliedSetting } from '../settings/apply-setting.ts';
import { otherAutoscaler } from '../settings/azure-autoscale.ts';
import { readDocument } from '../settings/read-document.ts';
import type { ExitCode, Surroundings } from '../surroundings.ts';
import { shortName } from '../text/target-name.ts';

export interface ApplyOptions {
  readonly data: string;
}

/** `headroom apply FILE`. */
export async function apply(
  file: string,
  options: ApplyOptions,
  around: Surroundings,
): Promise<ExitCode> {
  const document = await readDocument(file);
  const find = () => localEnvironment(options.data, around.env);
  await using opened = new AsyncDisposableStack();
  const applied = await applySetting(document, async () => {
    const stores = await openStores(find(), silentLog);
    opened.defer(() => stores.close());
    return stores.settings;
  });
  if (applied.kind === 'invalid') return refuse(file, applied, around);
  around.out(`${appliedText(applied)}\n`);
  const warning = await otherAutoscaler(applied.target, find());
  if (warning !== undefined) around.err(`warning: ${warning}\n`);
  return 0;
}

function refuse(
  file: string,
  { problems }: Extract<AppliedSetting, { kind: 'invalid' }>,
  around: Surroundings,
): ExitCode {
  for (const { field, message, code } of problems) {
    const what = code === undefined ? message : `${message} (${code})`;
    around.err(`${file}: ${field === '' ? 'the document' : field}: ${what}\n`);
  }
  around.err(`${file} was not applied: the setting in force, if any, stays.\n`);
  return 1;
}

export function appliedText(applied: Exclude<AppliedSetting, { kind: 'invalid' }>): string {
  const name = shortName(applied.target);
  return applied.kind === 'written'
    ? `${name}: version ${applied.version} is in force`
    : `${name}: unchanged, version ${applied.version} says the same; nothing written`;
}
