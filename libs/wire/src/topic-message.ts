import type { Problem, Result, TopicMessage } from '@headroom/core';
import { z } from 'zod';
import { contract, messageBytesMax } from './contract.ts';
import { isObject, parseJson } from './json.ts';
import {
  divergenceSchema,
  outcomeSchema,
  readCommandSchema,
  scaleCommandSchema,
} from './vocabulary/command.ts';
import { decisionSchema } from './vocabulary/decision.ts';
import { settingRecordSchema } from './vocabulary/setting.ts';

// The topic `decisions`, and by forwarding the queue `scale-commands`. The body is
// {"v":1,"kind":"scale","command":{…},"decision":{…}} and so on, after `TopicMessage` in core;
// instants are milliseconds since 1970. The application property `kind` repeats the kind for the
// subscription's filter.

const topicMessageSchema: z.ZodType<TopicMessage> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('scale'),
    command: scaleCommandSchema,
    decision: z.exactOptional(decisionSchema),
  }),
  z.object({ kind: z.literal('read'), command: readCommandSchema }),
  z.object({ kind: z.literal('decision'), decision: decisionSchema }),
  z.object({ kind: z.literal('setting'), setting: settingRecordSchema }),
  z.object({ kind: z.literal('outcome'), outcome: outcomeSchema }),
  z.object({ kind: z.literal('divergence'), divergence: divergenceSchema }),
]);
const messages = contract('topic message', topicMessageSchema);

export function encodeTopicMessage(message: TopicMessage): Uint8Array {
  return messages.encodeBytes(message);
}

export function decodeTopicMessage(bytes: Uint8Array): Result<TopicMessage, readonly Problem[]> {
  return messages.decodeBytes(bytes);
}

/**
 * What can be made out of a command that could not be decoded, so that somebody learns what became
 * of it.
 */
export interface CommandOutline {
  readonly commandId?: string;
  readonly target?: string;
}

export function outlineCommand(bytes: Uint8Array): CommandOutline {
  const document = parseJson(bytes, messageBytesMax);
  if (!document.ok || !isObject(document.value)) return {};
  const { command } = document.value;
  if (!isObject(command)) return {};
  return {
    ...(typeof command['id'] === 'string' && { commandId: command['id'] }),
    ...(typeof command['target'] === 'string' && { target: command['target'] }),
  };
}
