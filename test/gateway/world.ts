import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { defaultRateLimitPolicy, defaultRule, instant, targetId } from '@headroom/core';
import type { AiAccount, RateLimitPolicy, Sample, SettingContent } from '@headroom/core';
import type { BodyLimits } from '@headroom/http-proxy';
import { MemoryLimits, MemorySettings, MemoryShares } from '@headroom/memory';
import { createLog, systemClock } from '@headroom/runtime';
import { decodeMetrics } from '@headroom/wire';
import type { KnownClients } from '../../services/gateway/src/config/clients.ts';
import { doorLimits } from '../../services/gateway/src/door/server.ts';
import type { DoorLimits } from '../../services/gateway/src/door/server.ts';
import { createEvents } from '../../services/gateway/src/events.ts';
import { createGateway } from '../../services/gateway/src/gateway.ts';
import type { Gateway, GatewayParts } from '../../services/gateway/src/gateway.ts';

export const vision = targetId(
  '/subscriptions/s/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/vision',
);
/** Of the client `app`, and what the backend is opened with. Neither may be seen anywhere else. */
export const key = 'the-key-of-app';
export const backendKey = 'the-key-of-the-backend';

export const plentyRule = { ...defaultRule, count: 100_000 };

/** What the backend got of one call. */
export interface Got {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
}

/** The stores that instances of a gateway share, before one backend. */
export class World {
  readonly settings = new MemorySettings((document, policy) => contentOf(document, policy));
  readonly limits = new MemoryLimits();
  readonly shares = new MemoryShares();
  readonly got: Got[] = [];
  readonly samples: Sample[] = [];
  readonly lines: string[] = [];
  backendUrl = '';
  #respond: RequestListener = (_request, answer) => answer.end('{}');
  readonly #closing: (() => Promise<unknown>)[] = [];
  #version = 0;

  static async start(respond?: RequestListener): Promise<World> {
    const world = new World();
    if (respond !== undefined) world.#respond = respond;
    world.backendUrl = await world.listen((request, answer) => {
      const { method = '', url = '', headers, rawHeaders } = request;
      world.got.push({ method, url, headers, rawHeaders });
      world.#respond(request, answer);
    });
    return world;
  }

  /** What the backend does from now on. */
  responds(respond: RequestListener): void {
    this.#respond = respond;
  }

  async listen(listener: RequestListener): Promise<string> {
    const server: Server = createServer(listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Limits of the account; what is left out is one rule that is never reached. */
  async apply(
    account: Partial<AiAccount> = {},
    policy: Partial<RateLimitPolicy> = {},
  ): Promise<void> {
    const document = { ...paidAccount, ...account };
    const expected = this.#version;
    await this.settings.write({
      ...{ target: vision, id: vision, expected, document, overrides: [] },
      policy: { ...defaultRateLimitPolicy, ...policy },
    });
    this.#version++;
  }

  /** A gateway over the stores; ready unless it is asked not to wait. */
  async gateway(options: GatewayOptions = {}): Promise<RunningGateway> {
    const running = new RunningGateway(this, options);
    this.#closing.push(() => running.stop());
    await running.listening();
    if (options.waits !== false) await running.ready();
    return running;
  }

  /** Ends everything, and looks whether a key was written down. */
  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
    const found = this.lines.filter((line) => line.includes(key) || line.includes(backendKey));
    if (found.length > 0) throw new Error(`a key in the log: ${found.join('\n')}`);
  }
}

export interface GatewayOptions {
  readonly waits?: boolean;
  readonly clients?: KnownClients;
  readonly door?: Partial<DoorLimits>;
  readonly body?: BodyLimits;
  readonly path?: string;
  readonly settings?: MemorySettings;
  readonly management?: GatewayParts['management'];
  readonly limits?: Pick<MemoryLimits, 'follow'>;
  readonly shares?: Pick<MemoryShares, 'read' | 'replace'>;
  /** How far its clock is off now. */
  readonly clockOffMs?: () => number;
}

export class RunningGateway {
  url = '';
  /** Of the management listener, where there is one. */
  managementUrl = '';
  readonly #gateway: Gateway;
  readonly #ending = new AbortController();
  readonly #listening = Promise.withResolvers<string>();
  readonly #ended: Promise<void>;

  constructor(world: World, options: GatewayOptions) {
    const events = createEvents(
      createLog('gateway', { destination: { write: (line) => void world.lines.push(line) } }),
    );
    this.#gateway = createGateway({
      config: configOf(world, options),
      ...(options.management === undefined ? {} : { management: options.management }),
      holder: crypto.randomUUID(),
      settings: options.settings ?? world.settings,
      limits: options.limits ?? world.limits,
      shares: options.shares ?? world.shares,
      publish: async (bodies) => {
        await Promise.resolve();
        for (const body of bodies) {
          const decoded = decodeMetrics(body, () => true).samples;
          world.samples.push(...decoded.map(({ sample }) => sample));
        }
      },
      clock: clockOf(options),
      events: {
        ...events,
        listening: (url) => this.#listening.resolve(url),
        managementListening: (url) => void (this.managementUrl = url),
      },
      doorLimits: { ...doorLimits, lingerMs: 50, ...options.door },
      ...(options.body === undefined ? {} : { bodyLimits: options.body }),
    });
    this.#ended = this.#gateway.run(this.#ending.signal);
  }

  async listening(): Promise<void> {
    this.url = await this.#listening.promise;
  }

  async ready(): Promise<void> {
    while (!this.health('accounts').ready) await Promise.race([setImmediate(), this.#ended]);
  }

  health(check: string): { readonly ready: boolean; readonly [field: string]: unknown } {
    return this.#gateway.checks[check]!();
  }

  call(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      ...init,
      headers: { 'api-key': key, ...(init.headers as object) },
    });
  }

  /** Sends these bytes, and answers what came until the gateway closed the connection. */
  async raw(...parts: readonly string[]): Promise<string> {
    const socket = connect(Number(new URL(this.url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    for (const part of parts) socket.write(part, 'latin1');
    await new Promise((resolve) => socket.once('close', resolve));
    return Buffer.concat(chunks).toString('latin1');
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
  }
}

function clockOf({ clockOffMs = () => 0 }: GatewayOptions) {
  return { ...systemClock(instant), now: () => instant(Date.now() + clockOffMs()) };
}

const paidAccount: AiAccount = {
  ...{ id: vision, name: 'vision', kind: 'ComputerVision', sku: 'S1' },
  ...{ dynamicThrottlingEnabled: false, capabilities: [], rules: [plentyRule] },
};

function configOf(world: World, { clients, path = '/vision' }: GatewayOptions) {
  const app = { name: 'app', keySha256: Buffer.from(hash('sha256', key), 'hex') };
  const backend = `${world.backendUrl}/base`;
  return {
    accounts: [{ path, account: vision, backend, credential: { key: backendKey } }],
    clients: clients ?? { clients: [app] },
    address: { host: '127.0.0.1', port: 0 },
  };
}

/** Documents of these tests are typed already. */
function contentOf(document: unknown, policy: unknown): SettingContent {
  return {
    kind: 'rateLimit',
    account: document as AiAccount,
    policy: policy as RateLimitPolicy,
    overrides: [],
  };
}
