import { AmqpError } from '../errors.ts';
import type { CorrelationRuleFilter, RuleFilter, SubscriptionRule } from '../entities.ts';
import * as enc from '../protocol/encode.ts';
import { asMap, asNumber, asText } from '../protocol/values.ts';
import type { AmqpMap } from '../protocol/values.ts';
import type { SubscriptionRules } from '../service-bus/subscription-rules.ts';
import { errorReply, noContent, reply } from './request-reply.ts';
import type { Reply, Respond } from './request-reply.ts';

const MAX_LISTED_RULES = 100;

/** Types of Service Bus: described lists. */
const CODE = {
  rule: 0x137_0000_0004,
  noAction: 0x137_0000_0005,
  sqlFilter: 0x13_7000_0006,
  correlationFilter: 0x13_7000_0009,
} as const;

type SystemField = Exclude<keyof CorrelationRuleFilter, 'kind' | 'properties'>;

/** The fields of a correlation filter, in the order of the described list, by their name in a map. */
const FIELDS: readonly (readonly [string, SystemField])[] = [
  ['correlation-id', 'correlationId'],
  ['message-id', 'messageId'],
  ['to', 'to'],
  ['reply-to', 'replyTo'],
  ['label', 'label'],
  ['session-id', 'sessionId'],
  ['reply-to-session-id', 'replyToSessionId'],
  ['content-type', 'contentType'],
];

/** A page of rules. The SDK asks for the next one until it is told that there is none. */
export function enumerateRules(body: AmqpMap, rules: SubscriptionRules): Reply {
  const skip = Math.max(asNumber(body.get('skip')) ?? 0, 0);
  const wanted = asNumber(body.get('top')) ?? MAX_LISTED_RULES;
  const top = Math.min(Math.max(wanted, 1), MAX_LISTED_RULES);
  const page = rules.list().slice(skip, skip + top);
  if (page.length === 0) return noContent('There are no more rules.');
  const listed = page.map((rule) => enc.map([enc.text('rule-description'), encodeRule(rule)]));
  return reply({ rules: enc.list(listed) });
}

export function addRule(body: AmqpMap, rules: SubscriptionRules, respond: Respond): void {
  const description = asMap(body.get('rule-description'));
  const action = asText(asMap(description.get('sql-rule-action')).get('expression'));
  const rule: SubscriptionRule = {
    name: ruleName(body),
    filter: readFilter(description),
    ...(action === undefined ? {} : { action }),
  };
  rules.add(rule, (error) => respond(error ? errorReply(error) : reply({})));
}

export function removeRule(body: AmqpMap, rules: SubscriptionRules, respond: Respond): void {
  rules.remove(ruleName(body), (error) => respond(error ? errorReply(error) : reply({})));
}

function ruleName(body: AmqpMap): string {
  const name = asText(body.get('rule-name'));
  if (name !== undefined && name !== '') return name;
  throw new AmqpError('amqp:invalid-field', 'The request carries no rule-name.');
}

function readFilter(description: AmqpMap): RuleFilter {
  const expression = asText(asMap(description.get('sql-filter')).get('expression'));
  if (expression !== undefined) return { kind: 'sql', expression };
  const given = asMap(description.get('correlation-filter'));
  const system = FIELDS.flatMap(([key, field]) => {
    const value = asText(given.get(key));
    return value === undefined ? [] : [[field, value] as const];
  });
  return {
    kind: 'correlation',
    ...(Object.fromEntries(system) as Partial<Record<SystemField, string>>),
    properties: readProperties(asMap(given.get('properties'))),
  };
}

function readProperties(given: AmqpMap): Record<string, string | number | boolean> {
  const properties: Record<string, string | number | boolean> = {};
  for (const [name, value] of given) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw new AmqpError(
        'com.microsoft:argument-error',
        `The property '${name}' of the correlation filter is neither a text, a number nor a ` +
          'boolean: other types are not supported by the embedded Azure.',
      );
    }
    properties[name] = value;
  }
  return properties;
}

function encodeRule({ name, filter }: SubscriptionRule): Buffer {
  const noAction = enc.described(CODE.noAction, enc.list([]));
  return enc.described(CODE.rule, enc.list([encodeFilter(filter), noAction, enc.text(name)]));
}

function encodeFilter(filter: RuleFilter): Buffer {
  if (filter.kind === 'sql') {
    return enc.described(CODE.sqlFilter, enc.list([enc.text(filter.expression)]));
  }
  const fields = FIELDS.map(([, field]) => {
    const value = filter[field];
    return value === undefined ? enc.nil : enc.text(value);
  });
  const properties = Object.entries(filter.properties ?? {});
  const items = properties.flatMap(([key, value]) => [enc.text(key), enc.encode(value)]);
  return enc.described(CODE.correlationFilter, enc.list([...fields, enc.map(items)]));
}
