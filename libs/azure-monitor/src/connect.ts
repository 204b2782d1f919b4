import { MonitorClient } from '@azure/arm-monitor';
import type { AutoscaleSettingResource } from '@azure/arm-monitor';
import { subscriptionOf, targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { clientOptions, credentialOf } from './access.ts';
import type { MonitorOptions } from './access.ts';
import { unavailable } from './errors.ts';
import { listSettings } from './list-settings.ts';
import type { SettingsScope } from './list-settings.ts';

export interface Monitor {
  /**
   * Azure's own autoscale settings that are not disabled and scale the target: two autoscalers on one target pull against each
   * other. Only the target's own subscription is searched, where Azure expects them.
   *
   * @throws DependencyUnavailable: Azure Resource Manager does not answer, or does not let us look
   */
  enabledSettingsFor(target: TargetId): Promise<readonly EnabledSetting[]>;
  /**
   * The ARM JSON of every autoscale setting of a subscription or a resource group, as Resource Manager sent it.
   *
   * @throws ListingRefused: it does not let us, or there is no such thing; the message says what is missing
   * @throws DependencyUnavailable: it does not answer now
   */
  settingsIn(scope: SettingsScope): Promise<readonly unknown[]>;
}

export interface EnabledSetting {
  readonly id: string;
  readonly name: string;
}

export function connectMonitor(options: MonitorOptions): Monitor {
  const credential = credentialOf(options);
  return {
    async enabledSettingsFor(target) {
      const subscription = subscriptionOf(target);
      if (subscription === undefined) return [];
      const client = new MonitorClient(credential, subscription, {
        ...clientOptions(options),
        // A warning is not worth a wait: one more try, no more.
        retryOptions: { maxRetries: 1 },
      });
      return enabledSettings(client, target);
    },
    async settingsIn(scope) {
      const client = new MonitorClient(credential, scope.subscription, clientOptions(options));
      return listSettings(client, scope);
    },
  };
}

/** Settings of one subscription that are looked through; Azure allows far fewer. */
const settingsMax = 10_000;

async function enabledSettings(
  client: MonitorClient,
  target: TargetId,
): Promise<readonly EnabledSetting[]> {
  const found: EnabledSetting[] = [];
  let seen = 0;
  try {
    for await (const setting of client.autoscaleSettings.listBySubscription()) {
      if (scales(setting, target)) found.push(nameOf(setting));
      if (++seen >= settingsMax) break;
    }
  } catch (error) {
    throw unavailable(error);
  }
  return found;
}

/** Microsoft's pages disagree on what a missing `enabled` means: it may scale, so it is told. */
function scales(setting: AutoscaleSettingResource, target: TargetId): boolean {
  const { enabled, targetResourceUri } = setting;
  if (enabled === false || targetResourceUri === undefined) return false;
  return targetId(targetResourceUri) === target;
}

function nameOf({ id, name }: AutoscaleSettingResource): EnabledSetting {
  return { id: id ?? '', name: name ?? id?.split('/').at(-1) ?? '' };
}
