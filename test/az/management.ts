import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ok, strictEqual } from 'node:assert/strict';
import { connectCosmos } from '@headroom/azure-cosmos';
import { defaultRateLimitPolicy, targetId } from '@headroom/core';
import type { LocalAzure } from '@headroom/local-azure';
import { cosmosAccount, readEnv } from '@headroom/runtime';
import { cosmos } from '@headroom/topology';
import { Service } from '../processes/child.ts';
import type { Step } from './steps.ts';
import { hasSubscription, listed, member, nothing, object, step, subscription } from './steps.ts';

/** A gateway's process whose management listener takes az for its switch of accounts. */
export interface ManagedGateway extends AsyncDisposable {
  /** `https://localhost:PORT`: what `az cloud register` is given. */
  readonly url: string;
}

const group = 'headroom-ai';
const idOf = (name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.CognitiveServices/accounts/${name}`;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** One account can have autoscale, the other one, of the free tier, cannot. */
const accounts = [
  { name: 'vision', sku: { name: 'S1' } },
  { name: 'free', sku: { name: 'F0' } },
].map((account) => ({
  ...{ id: idOf(account.name), type: 'Microsoft.CognitiveServices/accounts' },
  ...{ ...account, kind: 'ComputerVision', location: 'westeurope', tags: { team: 'az' } },
  properties: {
    capabilities: [{ name: 'DynamicThrottling' }],
    callRateLimit: { rules: [{ key: 'read', count: 15.5, renewalPeriod: 1 }] },
    provisioningState: 'Succeeded',
  },
}));

export async function startManagedGateway({ env }: LocalAzure): Promise<ManagedGateway> {
  await apply(env);
  const folder = dirname(env.NODE_EXTRA_CA_CERTS);
  const { tenantId } = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')) as {
    readonly tenantId: string;
  };
  const served = { path: '/', account: idOf('vision'), backend: 'http://127.0.0.1:9' };
  const gateway = await Service.start('gateway', {
    ...env,
    GATEWAY_ACCOUNTS: JSON.stringify([{ ...served, credential: { key: 'none' } }]),
    GATEWAY_CLIENTS: JSON.stringify([{ name: 'nobody', keySha256: '0'.repeat(64) }]),
    GATEWAY_MANAGEMENT_PORT: '0',
    GATEWAY_MANAGEMENT_CERT: join(folder, 'server.pem'),
    GATEWAY_MANAGEMENT_KEY: join(folder, 'server-key.pem'),
    GATEWAY_MANAGEMENT_ISSUER: `https://sts.headroom.local/${tenantId}/`,
    GATEWAY_MANAGEMENT_LOGIN: `${env.ARM_ENDPOINT.replace('127.0.0.1', 'localhost')}/adfs`,
    GATEWAY_MANAGEMENT_GRANTS: JSON.stringify([{ appRole: 'Owner', access: 'write' }]),
  });
  const [, port = ''] = await gateway.line(/"event":"management[.]listening","url":"[^"]+:(\d+)"/);
  return { url: `https://localhost:${port}`, [Symbol.asyncDispose]: () => gateway.stop() };
}

/** As `headroom apply` leaves them. */
async function apply(env: LocalAzure['env']): Promise<void> {
  const { account } = readEnv('az', { account: cosmosAccount() }, { ...env });
  const stores = connectCosmos({ ...account, database: cosmos.database }, quiet);
  for (const document of accounts) {
    const write = { target: targetId(document.id), id: document.id, expected: 0, overrides: [] };
    await stores.settings.write({ ...write, document, policy: defaultRateLimitPolicy });
  }
  stores.close();
}

/** Microsoft's documented command, word by word, and what people do around it. */
export function managementSteps(
  { url }: ManagedGateway,
  { identityEnv }: LocalAzure,
): readonly Step[] {
  const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = identityEnv;
  const login = ['login', '--service-principal', '-u', AZURE_CLIENT_ID, '--tenant', 'adfs', '-p'];
  const type = ['--namespace', 'Microsoft.CognitiveServices', '--resource-type', 'accounts'];
  const named = (name: string) => [...type, '--resource-group', group, '--name', name];
  const set = (name: string, change: string) => {
    return ['resource', 'update', ...named(name), '--set', change];
  };
  const throttling = 'properties.dynamicThrottlingEnabled';
  return [
    step(
      'management: cloud register',
      ['cloud', 'register', '-n', 'Headroom', '--endpoint-resource-manager', url],
      nothing,
    ),
    step('management: cloud set', ['cloud', 'set', '-n', 'Headroom'], nothing),
    step('management: login', [...login, AZURE_CLIENT_SECRET], hasSubscription),
    step('management: resource show', ['resource', 'show', ...named('vision')], isSwitched(false)),
    step(
      'management: resource update --set',
      set('vision', `${throttling}=true`),
      isSwitched(true),
    ),
    step(
      'management: resource update --ids, off',
      ['resource', 'update', '--ids', idOf('vision'), '--set', `${throttling}=false`],
      isSwitched(false),
    ),
    {
      ...step('management: another property is refused', set('vision', 'tags.team=b'), nothing),
      refusal: /tags.team cannot be changed here/,
    },
    {
      ...step('management: the free tier is refused', set('free', `${throttling}=true`), nothing),
      refusal: /free tier/,
    },
    {
      ...step('management: an unknown account', ['resource', 'show', ...named('other')], nothing),
      refusal: /ResourceNotFound/,
    },
    step(
      'management: cognitiveservices account list',
      ['cognitiveservices', 'account', 'list', '-g', group],
      listed('vision'),
    ),
    step('management: group list', ['group', 'list'], listed(group)),
    step('management: logout', ['logout'], nothing),
  ];
}

function isSwitched(expected: boolean): Step['check'] {
  return (output) => {
    strictEqual(member(output, 'name'), 'vision');
    const properties = object(object(output)['properties']);
    strictEqual(properties['dynamicThrottlingEnabled'], expected);
    ok(properties['callRateLimit'] !== undefined, 'the rest of the account');
  };
}
