import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { decodeJwt } from 'jose';
import { defaultRateLimitPolicy, targetId } from '@headroom/core';
import type { TargetId } from '@headroom/core';
import { startLocalAzure } from '@headroom/local-azure';
import type { LocalAzure } from '@headroom/local-azure';
import { MemorySettings } from '@headroom/memory';
import type { DecodeContent } from '@headroom/memory';
import { DependencyUnavailable } from '@headroom/ports';
import type { StoredSetting } from '@headroom/ports';
import { decodeSettingContent } from '@headroom/wire';
import type { Access } from '../../services/gateway/src/config/management.ts';
import { World } from './world.ts';
import type { RunningGateway } from './world.ts';

/** As ARM shows an account, and as somebody applied it. */
export const visionDocument = {
  id: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/vision',
  name: 'vision',
  type: 'Microsoft.CognitiveServices/accounts',
  ...{ kind: 'ComputerVision', location: 'westeurope', etag: '"azure"', tags: { team: 'a' } },
  sku: { name: 'S1' },
  properties: {
    capabilities: [{ name: 'DynamicThrottling' }],
    callRateLimit: { rules: [{ key: 'read', count: 15, renewalPeriod: 1 }] },
    endpoint: 'https://vision.cognitiveservices.azure.com/',
    provisioningState: 'Succeeded',
  },
};
export const visionPath = visionDocument.id;
export const audience = 'https://management.azure.com';
const sts = (tenant: unknown) => `https://sts.headroom.local/${String(tenant)}/`;

/** Who may what here; tokens of both are the embedded issuer's. */
export interface Tokens {
  /** May write. */
  readonly application: string;
  /** May read. */
  readonly machine: string;
}

type Parts = Pick<
  ManagedWorld,
  'azure' | 'tokens' | 'world' | 'gateway' | 'settings' | 'management'
>;

/** A gateway whose management listener takes tokens of an embedded Azure, with a certificate of its authority. */
export class ManagedWorld implements AsyncDisposable {
  readonly azure: LocalAzure;
  readonly tokens: Tokens;
  readonly world: World;
  readonly gateway: RunningGateway;
  readonly settings: StoredSettings;
  readonly management: ReturnType<typeof managementOf>;

  private constructor(parts: Parts) {
    this.azure = parts.azure;
    this.tokens = parts.tokens;
    this.world = parts.world;
    this.gateway = parts.gateway;
    this.settings = parts.settings;
    this.management = parts.management;
  }

  static async start(): Promise<ManagedWorld> {
    const azure = await startLocalAzure({ provisioningMs: 0 });
    const caFile = azure.env.NODE_EXTRA_CA_CERTS;
    setDefaultCACertificates([...getCACertificates(), readFileSync(caFile, 'utf8')]);
    const tokens = {
      application: await applicationToken(azure),
      machine: await machineToken(azure),
    };
    const settings = new StoredSettings(decoded);
    await apply(settings, visionDocument);
    const world = await World.start();
    const management = managementOf(azure, tokens);
    const gateway = await world.gateway({ settings, management });
    return new ManagedWorld({ azure, tokens, world, gateway, settings, management });
  }

  get url(): string {
    return this.gateway.managementUrl.replace('127.0.0.1', 'localhost');
  }

  /** `path` without api-version gets one. */
  async send(method: string, path: string, options: SendOptions = {}): Promise<Sent> {
    const { token = this.tokens.application, body, headers } = options;
    const query = path.includes('?') ? '' : '?api-version=2024-10-01';
    const answer = await fetch(this.url + path + query, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = text === '' ? undefined : (JSON.parse(text) as Sent['body']);
    return { status: answer.status, headers: answer.headers, body: json };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world.close();
    await this.azure.close();
  }
}

export interface SendOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly body:
    | (Readonly<Record<string, unknown>> & {
        readonly error?: { readonly code: string; readonly message: string };
      })
    | undefined;
}

class StoredSettings extends MemorySettings {
  /** Whether it answers nobody now. */
  isAway = false;

  override read(target: TargetId): Promise<StoredSetting | undefined> {
    if (!this.isAway) return super.read(target);
    return Promise.reject(new DependencyUnavailable('cosmos', 'away', { retryAfterMs: 2_500 }));
  }
}

/** As a store of documents reads it: of this realm, where a clone of jest's is of another one. Policies here are the default. */
const decoded: DecodeContent = (document) =>
  decodeSettingContent(JSON.parse(JSON.stringify(document)) as unknown, {}, []);

export async function apply(
  settings: MemorySettings,
  document: Partial<typeof visionDocument> & { readonly id: string },
) {
  const target = targetId(document.id);
  const held = await settings.read(target);
  await settings.write({
    ...{ target, id: document.id, expected: held?.version ?? 0, document, overrides: [] },
    policy: defaultRateLimitPolicy,
  });
}

function managementOf({ env }: LocalAzure, tokens: Tokens) {
  const folder = dirname(env.NODE_EXTRA_CA_CERTS);
  const [certFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server-key.pem')];
  const { tid } = decodeJwt(tokens.application);
  const loginUrl = `${env.ARM_ENDPOINT.replace('127.0.0.1', 'localhost')}/adfs`;
  const granted = (token: string, access: Access) => {
    return { principal: String(decodeJwt(token)['oid']), access };
  };
  return {
    ...{ host: '127.0.0.1', port: 0, audience, loginUrl, certFile, keyFile },
    tls: { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') },
    tokens: { issuer: sts(tid), audience: [audience, `${audience}/`], keysAt: loginUrl },
    grants: [granted(tokens.application, 'write'), granted(tokens.machine, 'read')],
  };
}

export async function applicationToken(
  { identityEnv }: LocalAzure,
  resource = audience,
): Promise<string> {
  const { AZURE_AUTHORITY_HOST, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = identityEnv;
  const body = new URLSearchParams({
    ...{ grant_type: 'client_credentials', resource },
    ...{ client_id: AZURE_CLIENT_ID, client_secret: AZURE_CLIENT_SECRET },
  });
  return tokenIn(
    await fetch(`${AZURE_AUTHORITY_HOST}/adfs/oauth2/token`, { method: 'POST', body }),
  );
}

async function machineToken({ identityEnv }: LocalAzure): Promise<string> {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = identityEnv;
  const query = new URLSearchParams({ resource: audience, 'api-version': '2019-08-01' });
  const headers = { 'x-identity-header': IDENTITY_HEADER };
  return tokenIn(await fetch(`${IDENTITY_ENDPOINT}?${query.toString()}`, { headers }));
}

async function tokenIn(answer: Response): Promise<string> {
  return ((await answer.json()) as { access_token: string }).access_token;
}
