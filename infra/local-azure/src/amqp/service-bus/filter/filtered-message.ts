import { Uuid } from '../../protocol/values.ts';
import type { AmqpMap, AmqpValue } from '../../protocol/values.ts';

/** What a filter sees of a message: values by the names of properties in lower case. */
export interface FilteredMessage {
  readonly system: ReadonlyMap<string, AmqpValue>;
  readonly application: ReadonlyMap<string, AmqpValue>;
}

/** Where AMQP's properties section has what Azure calls a system property. */
const PLACES = {
  MessageId: 0,
  To: 2,
  Label: 3,
  ReplyTo: 4,
  CorrelationId: 5,
  ContentType: 6,
  SessionId: 10,
  ReplyToSessionId: 12,
} as const;

/** The system properties that filters can ask for. */
export const SYSTEM_PROPERTIES: readonly string[] = Object.keys(PLACES);

export function filteredMessage(
  properties: readonly AmqpValue[],
  applicationProperties: AmqpMap,
): FilteredMessage {
  const system = new Map<string, AmqpValue>();
  for (const [name, place] of Object.entries(PLACES)) {
    const value = plainId(properties[place] ?? null);
    if (value !== null) system.set(name.toLowerCase(), value);
  }
  const application = new Map<string, AmqpValue>();
  for (const [name, value] of applicationProperties) application.set(name.toLowerCase(), value);
  return { system, application };
}

/** All system properties are texts in Azure, also ids that were sent as a number or a uuid. */
function plainId(value: AmqpValue): AmqpValue {
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString();
  if (!(value instanceof Uuid)) return value;
  return value.bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
