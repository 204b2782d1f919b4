import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { BackendChange, ModelQuota, QuotaChange } from '../cognitive-services/model-quota.ts';
import { ArmError, badRequest } from '../errors.ts';
import type { ActivityLog, NewActivityEvent } from '../insights/activity-log.ts';
import type { MetricSample, MetricStore } from '../insights/metric-store.ts';
import { bodyObject } from '../request.ts';
import type { Handler, Route } from '../router.ts';
import { json, nameOf } from '../router.ts';
import type { FailingOperation, Fault, Faults } from './faults.ts';

/** What tests and the demo do to Azure Resource Manager from behind. */
export interface ArmControl {
  /** The next requests that fit meet the fault. */
  injectFault(fault: Fault): void;
  /** The next operations that fit end with the error. */
  failOperations(rule: FailingOperation): void;
  /** The next operation ends with this error. */
  failNextOperation(code: string, message: string): void;
  clearFaults(): void;
  /** Samples of any resource, up to 93 days back. */
  putMetrics(samples: readonly MetricSample[]): void;
  /** Minutes are seen so long after their end. */
  setMetricDelay(delayMs: number): void;
  /** Entries of the activity log, up to 90 days back. */
  putActivityEvents(events: readonly NewActivityEvent[]): void;
  /** The limit of a quota for models, in units of capacity. */
  setModelQuota(change: QuotaChange): void;
  /** What a region's backend has of a model, in units of capacity. */
  setModelBackend(change: BackendChange): void;
}

export interface ControlParts {
  readonly faults: Faults;
  readonly metrics: MetricStore;
  readonly activityLog: ActivityLog;
  readonly quota: ModelQuota;
  readonly transact: <T>(work: () => T) => T;
  readonly setMetricDelay: (delayMs: number) => void;
}

export function createControl(parts: ControlParts): ArmControl {
  const { faults, metrics, activityLog, quota } = parts;
  return {
    injectFault: (fault) => faults.inject(fault),
    failOperations: (rule) => faults.failOperations(rule),
    failNextOperation: (code, message) => faults.failOperations({ code, message }),
    clearFaults: () => faults.clear(),
    putMetrics: (samples) => metrics.put(samples),
    setMetricDelay: parts.setMetricDelay,
    putActivityEvents: (events) => {
      parts.transact(() => events.forEach((event) => activityLog.add(event)));
    },
    setModelQuota: (change) => quota.setLimit(change),
    setModelBackend: (change) => quota.setBackend(change),
  };
}

const MAX_DELAY_MS = 60_000;
const MAX_DATA_DELAY_MS = 24 * 60 * 60 * 1000;
const text = z.string().max(2048);
const times = z.int().min(1).max(1_000_000).optional();
const amount = z.int().min(0).max(1_000_000_000);
const timeMs = z.number().min(0).max(8.64e15);

const fault = z.strictObject({
  method: text.optional(),
  path: text.optional(),
  times,
  delayMs: z.number().min(0).max(MAX_DELAY_MS).optional(),
  status: z.int().min(400).max(599).optional(),
  code: text.optional(),
  message: text.optional(),
  retryAfterSeconds: z.number().min(0).max(86_400).optional(),
});
const failing = z.strictObject({ code: text, message: text, path: text.optional(), times });
const sample = z.strictObject({
  resourceId: text.startsWith('/'),
  namespace: text.min(1),
  metric: text.min(1),
  dimensions: z.record(text, text).default({}),
  timeMs,
  count: z.number().positive(),
  total: z.number(),
  minimum: z.number(),
  maximum: z.number(),
});
const event = z.strictObject({
  timeMs,
  resourceId: text.startsWith('/subscriptions/'),
  operationName: text.min(1),
  status: z.enum(['Started', 'Accepted', 'Succeeded', 'Failed']),
  category: text.optional(),
  eventName: text.optional(),
  level: text.optional(),
  description: text.optional(),
  caller: text.optional(),
  correlationId: text.optional(),
  subStatus: text.optional(),
  properties: z.record(z.string(), z.json()).optional(),
});
const quotaChange = z.strictObject({
  subscription: text.min(1),
  location: text.min(1),
  usageName: text.min(1),
  limit: amount,
});
const backendChange = z.strictObject({
  location: text.min(1),
  modelName: text.min(1),
  skuName: text.min(1),
  units: amount,
});

type Command = (control: ArmControl, body: JsonObject) => void;

/** A command takes an object of the same names as the function of `ArmControl`. */
const commands: Readonly<Record<string, Command>> = {
  injectFault: (control, body) => control.injectFault(parsed(fault, body)),
  failOperations: (control, body) => control.failOperations(parsed(failing, body)),
  clearFaults: (control) => control.clearFaults(),
  putMetrics: (control, body) =>
    control.putMetrics(parsed(z.strictObject({ samples: z.array(sample) }), body).samples),
  setMetricDelay: (control, body) => {
    const delayMs = z.number().min(0).max(MAX_DATA_DELAY_MS);
    control.setMetricDelay(parsed(z.strictObject({ delayMs }), body).delayMs);
  },
  putActivityEvents: (control, body) => {
    const { events } = parsed(z.strictObject({ events: z.array(event) }), body);
    control.putActivityEvents(events);
  },
  setModelQuota: (control, body) => control.setModelQuota(parsed(quotaChange, body)),
  setModelBackend: (control, body) => control.setModelBackend(parsed(backendChange, body)),
};

/** `POST /local/control/{command}`: the same switches for another process, which needs the token as well. */
export function controlRoute(control: ArmControl): Route {
  const post: Handler = (call) => {
    const name = nameOf(call, 'command');
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) {
      const message = `There is no command '${name}': ${Object.keys(commands).join(', ')}.`;
      throw new ArmError(404, 'UnknownCommand', message);
    }
    command(control, call.request.body === '' ? {} : bodyObject(call.request));
    return json(200, {});
  };
  return { path: 'local/control/{command}', apiVersions: [], methods: { POST: post } };
}

function parsed<Schema extends z.ZodType>(schema: Schema, body: JsonObject): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw badRequest(z.prettifyError(result.error));
}
