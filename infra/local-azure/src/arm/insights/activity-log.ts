import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../json.ts';
import { ArmError, badRequest } from '../errors.ts';
import type { Operation } from '../operation-store.ts';
import { nextLink } from '../paging.ts';
import { memberText } from '../request.ts';
import type { ArmRequest } from '../request.ts';
import type { ArmAnswer, Call, Route } from '../router.ts';
import { json, nameOf } from '../router.ts';
import { TENANT_ID } from '../resources/subscriptions.ts';
import type { ActivityKey, ActivityStore } from './activity-store.ts';
import { ACTIVITY_RETENTION_MS } from './activity-store.ts';
import { typeOf } from './definitions.ts';
import { parseInstant } from './time.ts';

/** What an entry is made of; everything else follows. */
export interface NewActivityEvent {
  readonly timeMs: number;
  readonly resourceId: string;
  /** `Microsoft.Insights/AutoscaleSettings/Scaleup/Action`. */
  readonly operationName: string;
  readonly status: 'Started' | 'Accepted' | 'Succeeded' | 'Failed';
  readonly category?: string | undefined;
  readonly eventName?: string | undefined;
  readonly level?: string | undefined;
  readonly description?: string | undefined;
  readonly caller?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly subStatus?: string | undefined;
  readonly properties?: JsonObject | undefined;
  readonly httpRequest?: JsonObject | undefined;
}

/** Entries that a page holds at most, as in Azure. */
const MAX_PAGE = 200;

/** The log of what was written through ARM, and of what tests put in. */
export class ActivityLog {
  private readonly store: ActivityStore;
  private readonly clock: () => number;

  constructor(store: ActivityStore, clock: () => number) {
    this.store = store;
    this.clock = clock;
  }

  add(event: NewActivityEvent, operationId = ''): void {
    const [, subscription = '', group = ''] =
      /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(event.resourceId) ?? [];
    const correlationId = event.correlationId ?? randomUUID();
    const caller = event.caller ?? '';
    const provider = providerOf(event);
    const body = bodyOf({ ...event, correlationId, caller }, subscription, group, provider);
    const keys = { subscription, resourceGroup: group, provider, correlationId, caller };
    const { timeMs, resourceId, status } = event;
    const entry = { ...keys, timeMs, resourceId, status, operationId, body };
    this.store.add(entry, this.clock());
  }

  /** How a long-running operation ended: its first entry again, with the end's time and status. */
  settled({ id, endsMs, error }: Operation): void {
    const first = this.store.ofOperation(id);
    if (first === undefined) return;
    const text = (name: string): string | undefined => memberText(first, name);
    const { operationName } = first;
    this.add({
      timeMs: endsMs,
      resourceId: text('resourceId') ?? '',
      operationName: valueOf(operationName),
      status: error === undefined ? 'Succeeded' : 'Failed',
      caller: text('caller'),
      correlationId: text('correlationId'),
      ...(error === undefined ? {} : failureOf(error)),
    });
  }

  route(pageSize: number): Route {
    const path =
      'subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values';
    const limit = Math.min(pageSize, MAX_PAGE);
    return {
      path,
      apiVersions: ['2015-04-01'],
      methods: { GET: (call) => this.list(call, limit) },
    };
  }

  private list(call: Call, limit: number): ArmAnswer {
    const { request } = call;
    const filter = filterOf(request.query.get('$filter'), this.clock());
    const subscription = nameOf(call, 'subscription');
    const before = positionOf(request);
    const found = this.store.query({ subscription, ...filter, before, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const isLast = last === undefined || found.length <= limit;
    const more = isLast ? {} : { nextLink: nextLink(request, String(last.id)) };
    const members = selectOf(request);
    return json(200, { value: page.map(({ body }) => selected(body, members)), ...more });
  }
}

/** What a failed write leaves in its last entry. */
export function failureOf({ code, message }: { code: string; message: string }) {
  const properties = {
    statusCode: code,
    statusMessage: JSON.stringify({ error: { code, message } }),
  };
  return { level: 'Error', subStatus: code, properties };
}

function bodyOf(
  event: NewActivityEvent,
  subscriptionId: string,
  resourceGroupName: string,
  provider: string,
): JsonObject {
  const { operationName, resourceId, status, timeMs, correlationId = '' } = event;
  const named = (value: string): JsonObject => ({ value, localizedValue: value });
  const eventDataId = randomUUID();
  const ticks = new Date(timeMs).toISOString();
  const end = status === 'Started' ? 'BeginRequest' : 'EndRequest';
  return {
    id: `${resourceId}/events/${eventDataId}/ticks/${timeMs}`,
    eventDataId,
    eventTimestamp: ticks,
    submissionTimestamp: ticks,
    correlationId,
    operationId: correlationId,
    operationName: named(operationName),
    eventName: named(event.eventName ?? end),
    category: named(event.category ?? 'Administrative'),
    resourceProviderName: named(provider),
    resourceType: named(typeOf(resourceId) || typeOfOperation(operationName)),
    resourceId,
    resourceGroupName,
    subscriptionId,
    tenantId: TENANT_ID,
    status: named(status),
    subStatus: named(event.subStatus ?? ''),
    level: event.level ?? 'Informational',
    channels: 'Operation',
    caller: event.caller,
    description: event.description ?? '',
    authorization: { action: operationName, scope: resourceId },
    claims: {},
    properties: event.properties ?? {},
    ...(event.httpRequest === undefined ? {} : { httpRequest: event.httpRequest }),
  };
}

const FILTERS: ReadonlyMap<string, ActivityKey> = new Map([
  ['resourcegroupname', 'resource_group'],
  ['resourceuri', 'resource'],
  ['resourceid', 'resource'],
  ['resourceprovider', 'provider'],
  ['correlationid', 'correlation'],
  ['status', 'status'],
  ['caller', 'caller'],
]);

/** `eventTimestamp ge 'x' and eventTimestamp le 'y' and resourceGroupName eq 'z'`. */
function filterOf(filter: string | null, now: number) {
  let fromMs: number | undefined;
  let toMs = Infinity;
  const equal: Partial<Record<ActivityKey, string>> = {};
  for (const part of (filter ?? '').split(/\s+and\s+/i).filter((text) => text.trim() !== '')) {
    const [, name = '', operator = '', value = ''] =
      /^\s*(\w+)\s+(eq|ge|le)\s+'([^']*)'\s*$/i.exec(part) ?? [];
    const member = name.toLowerCase();
    const key = FILTERS.get(member);
    if (member === 'eventtimestamp' && operator.toLowerCase() !== 'eq') {
      const instant = parseInstant(value);
      if (instant === undefined) throw badRequest(`$filter: '${value}' is no instant.`);
      if (operator.toLowerCase() === 'ge') fromMs = instant;
      else toMs = instant;
    } else if (key !== undefined && operator.toLowerCase() === 'eq') {
      equal[key] = value;
    } else if (member !== 'eventchannels') {
      // Channels are accepted: az sends both that there are.
      const names = 'eventTimestamp (ge, le), resourceGroupName, resourceUri, resourceProvider,';
      throw badRequest(
        `$filter takes ${names} correlationId, status and caller (eq), not: ${part}`,
      );
    }
  }
  if (fromMs === undefined) throw badRequest("$filter needs eventTimestamp ge '…'.");
  if (fromMs < now - ACTIVITY_RETENTION_MS) {
    throw badRequest('The start time cannot be more than 90 days in the past.');
  }
  return { fromMs, toMs: Math.min(toMs, Number.MAX_SAFE_INTEGER), equal };
}

function positionOf({ query }: ArmRequest): number | undefined {
  const text = query.get('$skiptoken');
  if (text === null) return undefined;
  const id = Number(text);
  if (Number.isSafeInteger(id)) return id;
  throw new ArmError(400, 'BadRequest', '$skiptoken is none of a nextLink.');
}

function selectOf({ query }: ArmRequest): readonly string[] {
  const names = (query.get('$select') ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '');
}

function selected(body: JsonObject, members: readonly string[]): JsonObject {
  if (members.length === 0) return body;
  const kept = Object.entries(body).filter(([name]) => members.includes(name.toLowerCase()));
  return Object.fromEntries(kept);
}

/** Of a resource group, whose id names no provider. */
const typeOfOperation = (name: string): string => name.slice(0, name.lastIndexOf('/'));

const providerOf = ({ resourceId, operationName }: NewActivityEvent): string =>
  (typeOf(resourceId) || operationName).split('/')[0] ?? '';

function valueOf(named: JsonObject[string]): string {
  const value = (named as JsonObject | undefined)?.['value'];
  return typeof value === 'string' ? value : '';
}
