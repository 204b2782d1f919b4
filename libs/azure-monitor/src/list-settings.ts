import type { MonitorClient } from '@azure/arm-monitor';
import { listingError } from './errors.ts';

/** Whose autoscale settings are listed. */
export interface SettingsScope {
  readonly subscription: string;
  /** The whole subscription where absent. */
  readonly resourceGroup?: string;
}

/**
 * The ARM JSON of every setting as Resource Manager sent it: the SDK asks, pages and waits, and its own form of a setting,
 * which knows the members of one API version only, is left aside.
 */
export async function listSettings(
  client: MonitorClient,
  scope: SettingsScope,
): Promise<readonly unknown[]> {
  const last = listen(client);
  const found: unknown[] = [];
  try {
    for await (const page of pagesOf(client, scope)) found.push(...valuesOf(last(), page.length));
  } catch (error) {
    throw listingError(error, idOf(scope), last());
  }
  return found;
}

function pagesOf({ autoscaleSettings }: MonitorClient, { resourceGroup }: SettingsScope) {
  return resourceGroup === undefined
    ? autoscaleSettings.listBySubscription().byPage()
    : autoscaleSettings.listByResourceGroup(resourceGroup).byPage();
}

/** The body of the last answer. */
function listen({ pipeline }: MonitorClient): () => string | undefined {
  let body: string | undefined;
  pipeline.addPolicy({
    name: 'headroom-listen',
    async sendRequest(request, next) {
      const answer = await next(request);
      body = answer.bodyAsText ?? undefined;
      return answer;
    },
  });
  return () => body;
}

function valuesOf(body: string | undefined, count: number): readonly unknown[] {
  const { value } = JSON.parse(body ?? '{}') as { value?: unknown };
  if (Array.isArray(value) && value.length === count) return value as readonly unknown[];
  throw new Error(`a page of ${count} settings came without its text`);
}

function idOf({ subscription, resourceGroup }: SettingsScope): string {
  const whole = `/subscriptions/${subscription}`;
  return resourceGroup === undefined ? whole : `${whole}/resourceGroups/${resourceGroup}`;
}
