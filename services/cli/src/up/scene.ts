import { instant, limitTarget, targetId, type TargetId } from '@headroom/core';
import {
  accountId,
  demoAccounts,
  demoDeployment,
  demoModel,
  demoModelDeployments,
  demoSettingFile,
  deploymentId,
  modelAccount,
  modelDeploymentId,
  polledDeployment,
  polledHistoryMinutes,
  polledSettingFile,
  polledTraffic,
  quotaId,
  readAiDocuments,
  readDemoSetting,
  readPolledSetting,
  translatorAccount,
  visionAccount,
} from '@headroom/demo';
import type { DemoDeployment, DemoDocument } from '@headroom/demo';
import type {
  AuditLog,
  CapacityReading,
  LimitStore,
  ScaleTarget,
  SettingStore,
} from '@headroom/ports';
import type { MetricPublisher } from '@headroom/azure-event-hubs';
import { systemClock, type Environment } from '@headroom/runtime';
import { applySetting, targetOf } from '@headroom/settings';
import { eventHubs } from '@headroom/topology';
import { parseDocument, parseRateLimitPolicy } from '@headroom/wire';
import { CommandFailed } from '../command-failed.ts';
import { appliedText } from '../commands/apply.ts';
import {
  armOptions,
  openEventHubs,
  openScaleTarget,
  openStores,
  silentLog,
} from '../connections.ts';
import { otherAutoscaler } from '../settings/azure-autoscale.ts';
import { shortName } from '../text/target-name.ts';
import type { ShownEvent } from '../view/shown-event.ts';
import { PolledWorkload } from './polled-workload.ts';

/** What is scaled, and the ways to it. */
export interface Scene extends AsyncDisposable {
  /** The ML deployment that pushes its metrics. */
  readonly target: TargetId;
  /** The one whose metrics are in Azure Monitor alone, and what it does. */
  readonly polled: { readonly target: TargetId; readonly workload: PolledWorkload };
  /** The model deployments by their names. */
  readonly models: ReadonlyMap<string, TargetId>;
  /** The limit that climbs with its demand. */
  readonly limit: TargetId;
  /** What there are records of: everything that is decided on, and whose setting it is. */
  readonly targets: readonly TargetId[];
  /** What is scaled, to be compared with what was applied. */
  readonly scaled: readonly ScaledScene[];
  readonly arm: ScaleTarget;
  readonly audit: AuditLog;
  readonly publisher: MetricPublisher;
}

/** One target, and how much it has. */
export interface ScaledScene {
  readonly target: TargetId;
  read(): Promise<CapacityReading>;
}

/** Connects to the system that `env` names, creates the demo's deployment where it is not there, and applies its setting. */
export async function openScene(
  env: Environment,
  show: (event: ShownEvent) => void,
): Promise<Scene> {
  await using parts = new AsyncDisposableStack();
  const stores = parts.adopt(await openStores(env, silentLog), (opened) => opened.close());
  const hubs = parts.adopt(await openEventHubs(env, silentLog), (opened) => opened.close());
  const arm = await openScaleTarget(env, silentLog);
  const target = await createDeployment(env, demoDeployment, arm, show);
  const polled = await openPolled(env, arm, show);
  const models = await createModels(env, show);
  await applyDemoSettings(env, stores.settings, show);
  const owned = parts.move();
  const limits = limitScenes(stores.limits);
  const ofArm = [target, polled.target, ...models.values()].map((one) => ({
    target: one,
    read: () => arm.read(one),
  }));
  return {
    target,
    polled,
    models,
    limit: limitTarget(targetId(accountId(visionAccount)), visionAccount.limitKey),
    targets: [...ofArm, ...limits].map((one) => one.target).concat(settingTargets()),
    scaled: [...ofArm, ...limits],
    arm,
    audit: stores.audit,
    publisher: hubs.metricPublisher(eventHubs.metrics.name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function createDeployment(
  env: Environment,
  deployment: DemoDeployment,
  arm: ScaleTarget,
  show: (event: ShownEvent) => void,
): Promise<TargetId> {
  const { createMlDeployment } = await import('@headroom/azure-arm');
  const target = targetId(deploymentId(deployment));
  const made = await createMlDeployment(deployment, armOptions(env));
  const reading = await arm.read(target);
  const instances = reading.kind === 'capacity' ? reading.instances : 'unknown';
  show({ kind: 'step', text: `deployment ${shortName(target)} ${made}: ${instances} instances` });
  return target;
}

/** Its past is in Azure Monitor before its setting is there: the poller fetches it, and nothing has to warm up. */
async function openPolled(
  env: Environment,
  arm: ScaleTarget,
  show: (event: ShownEvent) => void,
): Promise<Scene['polled']> {
  const { connectCustomMetrics } = await import('@headroom/azure-monitor');
  const deployment = polledDeployment;
  const target = await createDeployment(env, deployment, arm, show);
  const { endpoint = '', ...access } = armOptions(env);
  const tell = connectCustomMetrics({ endpoint, ...access });
  const clock = systemClock(instant);
  const parts = { deployment, target, traffic: polledTraffic, tell, arm, clock, show };
  const workload = new PolledWorkload(parts);
  await workload.tellHistory(polledHistoryMinutes);
  return { target, workload };
}

async function createModels(
  env: Environment,
  show: (event: ShownEvent) => void,
): Promise<ReadonlyMap<string, TargetId>> {
  const { createModelDeployment } = await import('@headroom/azure-arm');
  const { subscription, resourceGroup, location } = demoDeployment;
  const { name, version, sku: skuName } = demoModel;
  const models = new Map<string, TargetId>();
  for (const { name: deployment, capacity } of demoModelDeployments) {
    const id = { subscription, resourceGroup, account: modelAccount.name, deployment };
    const model = { format: 'OpenAI', name, version };
    const made = await createModelDeployment(
      { ...id, location, model, skuName, capacity },
      armOptions(env),
    );
    const target = targetId(modelDeploymentId(deployment));
    show({ kind: 'step', text: `model deployment ${shortName(target)} ${made}` });
    models.set(deployment, target);
  }
  return models;
}

/** The limits that follow demand. What nobody set is at its default, of which the demo asks nothing. */
function limitScenes(limits: LimitStore): readonly ScaledScene[] {
  return [visionAccount, translatorAccount].map((account) => {
    const of = targetId(accountId(account));
    return {
      target: limitTarget(of, account.limitKey),
      read: async () => {
        const held = await limits.read(of);
        const inForce = held?.limits.find(({ key }) => key === account.limitKey);
        if (inForce === undefined) return { kind: 'notFound', detail: 'no limit was set yet' };
        return { kind: 'capacity', instances: inForce.tps, busy: false };
      },
    };
  });
}

/** Whose settings have a target of their own, on which nothing is decided: accounts; and the pool. */
function settingTargets(): readonly TargetId[] {
  return [...demoAccounts.map(accountId), quotaId()].map(targetId);
}

async function applyDemoSettings(
  env: Environment,
  settings: SettingStore,
  show: (event: ShownEvent) => void,
): Promise<void> {
  const ml: DemoDocument = { file: demoSettingFile, document: await readDemoSetting() };
  const polled = { file: polledSettingFile, document: await readPolledSetting() };
  for (const one of [ml, polled, ...(await readAiDocuments())]) {
    const target = await applyDocument(one, settings, show);
    const warning = await otherAutoscaler(target, env);
    if (warning !== undefined) show({ kind: 'warning', text: warning });
  }
}

/** The same door as `headroom apply`. */
async function applyDocument(
  { file, document, policy }: DemoDocument,
  settings: SettingStore,
  show: (event: ShownEvent) => void,
): Promise<TargetId> {
  // The policy in force stays: somebody may have made it another one.
  const draft = parseDocument(document);
  const isKnown = draft.ok && (await settings.read(targetOf(draft.value))) !== undefined;
  const own = policy === undefined || isKnown ? undefined : parseRateLimitPolicy(policy);
  const application = {
    document,
    parse: parseDocument,
    now: instant(Date.now()),
    ...(own?.ok === true ? { policy: own.value } : {}),
  };
  const applied = await applySetting(application, () => Promise.resolve(settings));
  if (applied.kind === 'invalid') {
    const problems = applied.problems.map(({ field, message }) => `${field}: ${message}`);
    throw new CommandFailed(`${file} is not valid: ${problems.join('; ')}`);
  }
  show({ kind: 'step', text: `setting ${appliedText(applied)}` });
  return applied.target;
}
