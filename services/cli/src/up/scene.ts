import { instant, targetId, type TargetId } from '@headroom/core';
import { demoDeployment, demoSettingFile, deploymentId, readDemoSetting } from '@headroom/demo';
import type { AuditLog, ScaleTarget, SettingStore } from '@headroom/ports';
import type { MetricPublisher } from '@headroom/azure-event-hubs';
import type { Environment } from '@headroom/runtime';
import { applySetting } from '@headroom/settings';
import { eventHubs } from '@headroom/topology';
import { parseDocument } from '@headroom/wire';
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

/** What is scaled, and the ways to it. */
export interface Scene extends AsyncDisposable {
  readonly target: TargetId;
  readonly arm: ScaleTarget;
  readonly audit: AuditLog;
  readonly publisher: MetricPublisher;
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
  const target = targetId(deploymentId(demoDeployment));
  await createDeployment(env, arm, target, show);
  await applyDemoSetting(env, stores.settings, show);
  const owned = parts.move();
  return {
    target,
    arm,
    audit: stores.audit,
    publisher: hubs.metricPublisher(eventHubs.metrics.name),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function createDeployment(
  env: Environment,
  arm: ScaleTarget,
  target: TargetId,
  show: (event: ShownEvent) => void,
): Promise<void> {
  const { createMlDeployment } = await import('@headroom/azure-arm');
  const made = await createMlDeployment(demoDeployment, armOptions(env));
  const reading = await arm.read(target);
  const instances = reading.kind === 'capacity' ? reading.instances : 'unknown';
  show({ kind: 'step', text: `deployment ${shortName(target)} ${made}: ${instances} instances` });
}

/** The same door as `headroom apply`. */
async function applyDemoSetting(
  env: Environment,
  settings: SettingStore,
  show: (event: ShownEvent) => void,
): Promise<void> {
  // The policy in force stays: somebody may have made it another one.
  const application = {
    document: await readDemoSetting(),
    parse: parseDocument,
    now: instant(Date.now()),
  };
  const applied = await applySetting(application, () => Promise.resolve(settings));
  if (applied.kind === 'invalid') {
    const problems = applied.problems.map(({ field, message }) => `${field}: ${message}`);
    throw new CommandFailed(`${demoSettingFile} is not valid: ${problems.join('; ')}`);
  }
  show({ kind: 'step', text: `setting ${appliedText(applied)}` });
  const warning = await otherAutoscaler(applied.target, env);
  if (warning !== undefined) show({ kind: 'warning', text: warning });
}
