import { MonitorClient } from '@azure/arm-monitor';
import type { AutoscaleSettingResource, MonitorClientOptionalParams } from '@azure/arm-monitor';
import { DefaultAzureCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';
import { targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { unavailable } from './errors.ts';
import { listSettings } from './list-settings.ts';
import type { SettingsScope } from './list-settings.ts';

/** How to reach Azure Resource Manager. */
export interface MonitorOptions {
  /** https://management.azure.com when absent. */
  readonly endpoint?: string;
  /** A bearer token that does not expire: the embedded Azure's. `DefaultAzureCredential` when absent. */
  readonly token?: string;
  /** PEM of the authority that signed the endpoint's certificate; the system's authorities when absent. */
  readonly ca?: string;
}

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

function subscriptionOf(target: TargetId): string | undefined {
  return /^\/subscriptions\/([^/]+)\//.exec(target)?.[1];
}

function clientOptions({ endpoint, ca }: MonitorOptions): MonitorClientOptionalParams {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
  };
}

/** An hour ahead: the SDK asks again before it is over. */
const tokenLifeMs = 3_600_000;

function credentialOf({ token }: MonitorOptions): TokenCredential {
  if (token === undefined) return new DefaultAzureCredential();
  return {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + tokenLifeMs }),
  };
}
