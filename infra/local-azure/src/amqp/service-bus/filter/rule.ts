import type { CorrelationRuleFilter, RuleFilter, SubscriptionRule } from '../../entities.ts';
import { evaluate } from './evaluate.ts';
import type { FilteredMessage } from './filtered-message.ts';
import { parseFilter } from './parse.ts';

export type Matcher = (message: FilteredMessage) => boolean;

/** The one rule of a subscription that has no others. */
export const DEFAULT_RULE = '$Default';
export const EVERYTHING: RuleFilter = { kind: 'sql', expression: '1=1' };

/** Throws when the rule is not supported, with the reason: it must neither pass nor drop messages. */
export function compileRule(rule: SubscriptionRule): Matcher {
  if (rule.action !== undefined) {
    throw new Error(
      `The rule '${rule.name}' has an action ("${rule.action}"): actions are not supported by the ` +
        'embedded Azure. Leave the action out, or set the properties where messages are sent.',
    );
  }
  const { filter } = rule;
  return filter.kind === 'sql' ? sqlMatcher(filter.expression) : correlation(rule.name, filter);
}

function sqlMatcher(expression: string): Matcher {
  const predicate = parseFilter(expression);
  return (message) => evaluate(predicate, message) === true;
}

type SystemField = Exclude<keyof CorrelationRuleFilter, 'kind' | 'properties'>;

/** The filter's fields by the system property that each is compared with, in lower case. */
const FIELDS: Readonly<Record<SystemField, string>> = {
  contentType: 'contenttype',
  correlationId: 'correlationid',
  label: 'label',
  messageId: 'messageid',
  replyTo: 'replyto',
  replyToSessionId: 'replytosessionid',
  sessionId: 'sessionid',
  to: 'to',
};

function correlation(name: string, wanted: CorrelationRuleFilter): Matcher {
  const system = Object.entries(FIELDS).flatMap(([field, property]) => {
    const value = wanted[field as SystemField];
    return value === undefined ? [] : [[property, value] as const];
  });
  const application = Object.entries(wanted.properties ?? {});
  if (system.length + application.length === 0) {
    throw new Error(
      `The correlation filter of the rule '${name}' has no condition: give at least one property.`,
    );
  }
  return (message) =>
    system.every(([property, value]) => message.system.get(property) === value) &&
    application.every(
      ([property, value]) => message.application.get(property.toLowerCase()) === value,
    );
}
