import { aiClients } from './access.ts';
import type { ArmOptions } from './access.ts';
import type { ModelDeploymentId } from './ai-ids.ts';
import { exists, inWords, lookEveryMs } from './creating.ts';

export interface NewModelDeployment extends ModelDeploymentId {
  readonly location: string;
  readonly model: { readonly format: string; readonly name: string; readonly version: string };
  /** `Standard` for example. */
  readonly skuName: string;
  readonly capacity: number;
}

/**
 * Makes the deployment and its account, where they are missing; one that is there stays as it is. Waits until it is provisioned.
 * Meant for the embedded Azure: a real account comes from `az cognitiveservices`.
 *
 * @throws ProviderUnavailable, Error with ARM's code and reason
 */
export async function createModelDeployment(
  wish: NewModelDeployment,
  options: ArmOptions,
): Promise<'created' | 'found'> {
  const { subscription, resourceGroup, account, deployment, location, model } = wish;
  const { accounts, deployments } = await aiClients(options)(subscription);
  const waiting = { updateIntervalInMs: lookEveryMs };
  if (!(await exists(() => accounts.get(resourceGroup, account)))) {
    const body = { location, kind: 'OpenAI', sku: { name: 'S0' }, properties: {} };
    await inWords(account, () =>
      accounts.beginCreateAndWait(resourceGroup, account, body, waiting),
    );
  }
  const path = [resourceGroup, account, deployment] as const;
  if (await exists(() => deployments.get(...path))) return 'found';
  const body = { sku: { name: wish.skuName, capacity: wish.capacity }, properties: { model } };
  await inWords(`${account}/${deployment}`, () =>
    deployments.beginCreateOrUpdateAndWait(...path, body, waiting),
  );
  return 'created';
}
