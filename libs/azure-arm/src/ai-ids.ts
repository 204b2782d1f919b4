import type { TargetId } from '@headroom/core';

/** The parts of the ARM ids of Azure AI services. */
export interface AiAccountId {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly account: string;
}

export interface ModelDeploymentId extends AiAccountId {
  readonly deployment: string;
}

/** A quota of a subscription in a region, by its name in `usages`. */
export interface QuotaPoolId {
  readonly subscription: string;
  readonly location: string;
  readonly usage: string;
}

const provider = 'providers/microsoft\\.cognitiveservices';
const accountText = `^/subscriptions/([^/]+)/resourcegroups/([^/]+)/${provider}/accounts/([^/]+)`;
const accountPattern = new RegExp(`${accountText}$`);
const deploymentPattern = new RegExp(`${accountText}/deployments/([^/]+)$`);
const poolPattern = new RegExp(
  `^/subscriptions/([^/]+)/${provider}/locations/([^/]+)/usages/([^/]+)$`,
);

/** Each is absent where the id names something else. */
export function parseAiAccountId(id: TargetId): AiAccountId | undefined {
  const [found, subscription = '', resourceGroup = '', account = ''] =
    accountPattern.exec(id) ?? [];
  return found === undefined ? undefined : { subscription, resourceGroup, account };
}

export function parseModelDeploymentId(id: TargetId): ModelDeploymentId | undefined {
  const [found, subscription = '', resourceGroup = '', account = '', deployment = ''] =
    deploymentPattern.exec(id) ?? [];
  return found === undefined ? undefined : { subscription, resourceGroup, account, deployment };
}

export function parseQuotaPoolId(id: TargetId): QuotaPoolId | undefined {
  const [found, subscription = '', location = '', usage = ''] = poolPattern.exec(id) ?? [];
  return found === undefined ? undefined : { subscription, location, usage };
}

/** An account takes one operation on its deployments at a time. */
export function accountKey({ subscription, resourceGroup, account }: AiAccountId): string {
  const group = `/subscriptions/${subscription}/resourcegroups/${resourceGroup}`;
  return `${group}/providers/microsoft.cognitiveservices/accounts/${account}`;
}
