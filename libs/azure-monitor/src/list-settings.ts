import type { MonitorClient } from '@azure/arm-monitor';
import { listingError } from './errors.ts';
import { RawPages } from './raw-pages.ts';

/** Whose autoscale settings are listed. */
export interface SettingsScope {
  readonly subscription: string;
  /** The whole subscription where absent. */
  readonly resourceGroup?: string;
}

/** The ARM JSON of every setting as Resource Manager sent it. */
export async function listSettings(
  client: MonitorClient,
  scope: SettingsScope,
): Promise<readonly unknown[]> {
  const raw = new RawPages(client);
  const found: unknown[] = [];
  try {
    for await (const page of pagesOf(client, scope)) found.push(...raw.entries(page.length));
  } catch (error) {
    throw listingError(error, { what: 'the autoscale settings', scope: idOf(scope) }, raw.last);
  }
  return found;
}

function pagesOf({ autoscaleSettings }: MonitorClient, { resourceGroup }: SettingsScope) {
  return resourceGroup === undefined
    ? autoscaleSettings.listBySubscription().byPage()
    : autoscaleSettings.listByResourceGroup(resourceGroup).byPage();
}

export function idOf({ subscription, resourceGroup }: SettingsScope): string {
  const whole = `/subscriptions/${subscription}`;
  return resourceGroup === undefined ? whole : `${whole}/resourceGroups/${resourceGroup}`;
}
