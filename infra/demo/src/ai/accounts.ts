import { readFile } from 'node:fs/promises';
import { demoDeployment } from '../deployment.ts';

/** An account of AI services as the demo creates it: everything about it is invented. */
export interface DemoAccount {
  /** Of its one limit. */
  readonly limitKey: string;
  readonly name: string;
  readonly kind: string;
  readonly sku: string;
}

/** A model deployment; `capacity` in thousands of tokens a minute. */
export interface DemoModelDeployment {
  readonly name: string;
  readonly capacity: number;
}

const { subscription, resourceGroup, location } = demoDeployment;

/** Its limit follows demand, as far as its backend goes along. */
export const visionAccount: DemoAccount = {
  name: 'vision',
  limitKey: 'analyze',
  kind: 'ComputerVision',
  sku: 'S1',
};

/** Its client goes wild; what its calls may cost is capped. */
export const translatorAccount: DemoAccount = {
  name: 'translator',
  limitKey: 'translate',
  kind: 'TextTranslation',
  sku: 'S1',
};

/** Its two deployments share one quota, and use up all of it. */
export const modelAccount: DemoAccount = {
  name: 'openai',
  limitKey: 'all',
  kind: 'OpenAI',
  sku: 'S0',
};

export const demoModel = { name: 'gpt-4o', version: '2024-11-20', sku: 'Standard' };

export const demoModelDeployments: readonly DemoModelDeployment[] = [
  { name: 'chat', capacity: 150 },
  { name: 'batch', capacity: 300 },
];

export const demoAccounts: readonly DemoAccount[] = [
  visionAccount,
  translatorAccount,
  modelAccount,
];

export function accountId({ name }: DemoAccount): string {
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`;
  return `${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;
}

export function modelDeploymentId(name: string): string {
  return `${accountId(modelAccount)}/deployments/${name}`;
}

/** What ARM counts the deployments' capacities under. */
export function quotaId(): string {
  const usage = `OpenAI.${demoModel.sku}.${demoModel.name}`;
  return `/subscriptions/${subscription}/providers/Microsoft.CognitiveServices/locations/${location}/usages/${usage}`;
}

/** A document for `headroom apply`, and the policy beside it where there is one. */
export interface DemoDocument {
  readonly file: string;
  readonly document: unknown;
  readonly policy?: unknown;
}

/** The settings of the accounts and of their quota, from the folder `settings`. */
export async function readAiDocuments(): Promise<readonly DemoDocument[]> {
  const [vision, visionLimits, translator, translatorLimits, openai, quota] = await Promise.all(
    ['vision', 'vision.limits', 'translator', 'translator.limits', 'openai', 'quota'].map(read),
  );
  return [
    { file: 'vision.json', document: vision, policy: visionLimits },
    { file: 'translator.json', document: translator, policy: translatorLimits },
    { file: 'openai.json', document: openai },
    { file: 'quota.json', document: quota },
  ];
}

async function read(name: string): Promise<unknown> {
  const url = new URL(`../../settings/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(url, 'utf8')) as unknown;
}
