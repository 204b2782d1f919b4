import { idOf } from '../lang/hash.ts';
import type { TopicMessage } from './record.ts';

/** The message id under which the topic drops a second copy. One content has one id, whoever publishes it. */
export function topicMessageId(message: TopicMessage): string {
  switch (message.kind) {
    case 'scale':
      return message.command.id;
    case 'read':
      return message.command.id;
    case 'decision':
      return message.decision.id;
    case 'setting':
      return message.setting.id;
    case 'outcome':
      return message.outcome.id;
    case 'divergence':
      return idOf('divergence', message.divergence.id);
  }
}
