import type { TargetId } from '@headroom/core';
import { armOptions } from '../connections.ts';
import { messageOf } from '../command-failed.ts';
import { shortName } from '../text/target-name.ts';
import type { Environment, ResourceManager } from '@headroom/runtime';
import { withinLimit } from './within-limit.ts';

/**
 * Azure's own autoscale would pull on the same target: says so, when it does. Never fails: a setting is applied all the
 * same when ARM cannot be asked, and that is said too. `undefined`: nobody else scales the target.
 */
export async function otherAutoscaler(
  target: TargetId,
  env: Environment,
): Promise<string | undefined> {
  try {
    const settings = await withinLimit(enabledSettings(armOptions(env), target));
    if (settings.length === 0) return undefined;
    const names = settings.map((setting) => setting.name).join(', ');
    return `Azure's own autoscale scales ${shortName(target)} as well (${names}): both will pull on it. Disable that one: az monitor autoscale update --name ${settings[0]?.name ?? ''} --enabled false`;
  } catch (error) {
    return `could not check whether Azure's own autoscale scales ${shortName(target)} as well: ${messageOf(error)}`;
  }
}

async function enabledSettings(access: ResourceManager, target: TargetId) {
  const { connectMonitor } = await import('@headroom/azure-monitor');
  return connectMonitor(access).enabledSettingsFor(target);
}
