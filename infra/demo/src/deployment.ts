import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The deployment that the demo scales. Every part of the id is invented. */
export interface DemoDeployment {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly workspace: string;
  readonly endpoint: string;
  readonly deployment: string;
  readonly location: string;
  readonly instanceType: string;
  /** Instances that it is created with. */
  readonly instances: number;
}

export const demoDeployment: DemoDeployment = {
  subscription: '00000000-0000-4000-8000-000000000001',
  resourceGroup: 'headroom-demo',
  workspace: 'demo',
  endpoint: 'chat',
  deployment: 'blue',
  location: 'westeurope',
  instanceType: 'Standard_DS3_v2',
  instances: 2,
};

export function endpointId(of: DemoDeployment): string {
  const group = `/subscriptions/${of.subscription}/resourceGroups/${of.resourceGroup}`;
  const workspace = `providers/Microsoft.MachineLearningServices/workspaces/${of.workspace}`;
  return `${group}/${workspace}/onlineEndpoints/${of.endpoint}`;
}

export function deploymentId(of: DemoDeployment): string {
  return `${endpointId(of)}/deployments/${of.deployment}`;
}

/** The autoscale setting of the demo's deployment: what `headroom apply` takes as well. */
export const demoSettingFile = fileURLToPath(new URL('../settings/blue.json', import.meta.url));

export async function readDemoSetting(): Promise<unknown> {
  return JSON.parse(
    await readFile(new URL('../settings/blue.json', import.meta.url), 'utf8'),
  ) as unknown;
}
