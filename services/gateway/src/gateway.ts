import { secondMs } from '@headroom/core';
import type { SettingVersion } from '@headroom/core';
import { createBackend, ownIdentity } from '@headroom/http-proxy';
import type { BodyLimits } from '@headroom/http-proxy';
import { Limiter, Renewals } from '@headroom/limiter';
import type { Clock, LimitStore, SettingStore, ShareStore } from '@headroom/ports';
import { createStages, hasAborted } from '@headroom/runtime';
import type { HealthChecks, Stages } from '@headroom/runtime';
import type { GatewayConfig } from './config.ts';
import type { ManagementConfig } from './config/management.ts';
import { identifier } from './door/callers.ts';
import { answering } from './door/calls.ts';
import { entraTokens } from './door/entra.ts';
import { routing } from './door/routes.ts';
import type { Route } from './door/routes.ts';
import { openDoor } from './door/server.ts';
import type { AnswerCall, Door, DoorLimits, TlsPair } from './door/server.ts';
import type { GatewayEvents } from './events.ts';
import { KnownLimits } from './limits/known-limits.ts';
import { createManagement, managementDoorLimits } from './management/management.ts';
import type { Management } from './management/management.ts';
import { Signals } from './signals/signals.ts';

export interface GatewayParts {
  readonly config: Pick<GatewayConfig, 'accounts' | 'clients' | 'address'>;
  /** Where and how the management listener listens; absent: there is none. */
  readonly management?: ManagementConfig & { readonly tls: TlsPair };
  /** Names this instance among those that share limits: another one at each start. */
  readonly holder: string;
  readonly settings: SettingStore;
  readonly limits: Pick<LimitStore, 'follow'>;
  readonly shares: ShareStore;
  /** Sends bodies of metric records to the hub `metrics`. */
  readonly publish: (bodies: readonly Uint8Array[]) => Promise<void>;
  readonly clock: Clock;
  readonly events: GatewayEvents;
  readonly doorLimits?: DoorLimits;
  readonly bodyLimits?: BodyLimits;
}

export interface Gateway {
  /** Listens, and answers calls until `signal` aborts; then calls in flight end, and what it holds of limits is given back. */
  run(signal: AbortSignal): Promise<void>;
  readonly checks: HealthChecks;
}

/** How long calls in flight may take to end, then the stores to take what is given back: less than a process has. */
const callsEndMs = 7_000;
const giveBackMs = 2_000;

export function createGateway(parts: GatewayParts): Gateway {
  const { config, clock, events } = parts;
  const limiter = new Limiter({ holder: parts.holder });
  const accounts = new Set(config.accounts.map(({ account }) => account));
  const known = new KnownLimits({ accounts, limiter });
  const renewals = new Renewals({ limiter, shares: parts.shares });
  const signals = new Signals({ limiter, publish: parts.publish, events }, clock.now());
  const management = managementOf(parts);
  const stages = stagesOf(parts, { known, management }, renewals, signals);
  const routes = routesOf(config);
  const answer = answerOf(parts, limiter, known, routes);
  let doors: readonly Door[] = [];
  const run = async (signal: AbortSignal) => {
    doors = await openDoors(parts, answer, management);
    await runUntil(signal, stages, () => Promise.all(doors.map((door) => door.close(callsEndMs))));
    await Promise.all(routes.map(({ backend }) => backend.close()));
    const over = new AbortController();
    const left = Promise.all([signals.end(clock.now()), renewals.release(clock.now())]);
    await Promise.race([left, clock.wait(giveBackMs, over.signal)]);
    over.abort();
  };
  const checks: HealthChecks = {
    ...stages.checks,
    door: () => ({ ready: doors.length > 0, url: doors[0]?.url }),
    accounts: () => ({ ready: known.isComplete, missing: known.missing }),
  };
  return { run, checks };
}

/** The clients' door, and the management's where there is one. */
async function openDoors(
  { config, management: listener, holder, doorLimits, events }: GatewayParts,
  answer: AnswerCall,
  management: Management | undefined,
): Promise<readonly Door[]> {
  await using opened = new AsyncDisposableStack();
  const opening = (door: Door): Door => opened.adopt(door, () => door.close(0));
  const clients = opening(await openDoor(config.address, answer, doorLimits));
  events.listening(clients.url, holder);
  const doors = [clients];
  if (listener !== undefined && management !== undefined) {
    const place = { what: 'The management listener', portVariable: 'GATEWAY_MANAGEMENT_PORT' };
    const door = await openDoor(listener, management.answer, managementDoorLimits, place);
    events.managementListening(door.url);
    doors.push(opening(door));
  }
  // All are open: whoever asked for them closes them.
  opened.move();
  return doors;
}

/** The stages work on until the last call has ended; one that fails for good ends everything. */
async function runUntil(
  signal: AbortSignal,
  stages: Stages<string>,
  closeDoors: () => Promise<unknown>,
): Promise<void> {
  const ended = new AbortController();
  const working = stages.run(ended.signal);
  try {
    await Promise.race([working, aborted(signal)]);
  } finally {
    await closeDoors();
    ended.abort();
  }
  await working;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (hasAborted(signal)) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

function routesOf({ accounts }: GatewayParts['config']): Route[] {
  const token = ownIdentity();
  return accounts.map(({ path, account, backend, credential }) => {
    const opened =
      credential === 'managedIdentity'
        ? ({ kind: 'entra', token } as const)
        : ({ kind: 'key', key: credential.key } as const);
    return { path, account, backend: createBackend({ address: backend, credential: opened }) };
  });
}

function answerOf(
  { config, clock, events, bodyLimits }: GatewayParts,
  limiter: Limiter,
  { isReady }: KnownLimits,
  routes: readonly Route[],
): AnswerCall {
  const { clients, entra } = config.clients;
  const principalOf =
    entra === undefined ? undefined : entraTokens(entra, (error) => events.tokensUnchecked(error));
  const { url } = config.address;
  return answering({
    routeOf: routing(routes),
    identify: identifier(clients, principalOf),
    ...{ limiter, isReady, events },
    now: () => clock.now(),
    ...(url === undefined ? {} : { url }),
    ...(bodyLimits === undefined ? {} : { bodyLimits }),
  });
}

function managementOf({ management: config, settings, clock, events }: GatewayParts) {
  if (config === undefined) return undefined;
  const principalOf = entraTokens(config.tokens, (error) => events.tokensUnchecked(error));
  return createManagement({ config, principalOf, settings, events, now: () => clock.now() });
}

/** Who has to know settings. */
interface Followers {
  readonly known: KnownLimits;
  readonly management: Management | undefined;
}

function stagesOf(
  { settings, limits, clock, events }: GatewayParts,
  { known, management }: Followers,
  renewals: Renewals,
  signals: Signals,
) {
  const everySecond = async (signal: AbortSignal, beat: () => Promise<void>): Promise<void> => {
    while (!hasAborted(signal)) {
      await beat();
      await clock.wait(secondMs - (clock.now() % secondMs), signal);
    }
  };
  const renew = async (): Promise<void> => {
    events.renewed(await known.share(() => renewals.renew(clock.now())));
  };
  const settingsChanged = (versions: readonly SettingVersion[]): void => {
    known.settingsChanged(versions);
    management?.settingsChanged(versions);
  };
  return createStages(
    {
      settings: { run: (signal) => settings.follow(settingsChanged, signal) },
      limits: { run: (signal) => limits.follow(known.limitsChanged, signal) },
      shares: {
        run: async (signal) => {
          await Promise.race([known.read, aborted(signal)]);
          await everySecond(signal, renew);
        },
      },
      signals: {
        // Whether the hub takes them or not, the next second is counted in its own span.
        run: (signal) => everySecond(signal, () => Promise.resolve(void signals.beat(clock.now()))),
      },
    },
    { log: events.log },
  );
}
