import type { TopicMessage } from '@headroom/core';

/** The topic `decisions`: audit record and command in one message. */
export interface DecisionTopic {
  /**
   * Resolved: the topic has all of them. Message ids come from the content (`topicMessageId`), so that publishing again is
   * dropped within the topic's window. Rejected: some may be there; publish all of them again.
   */
  publish(messages: readonly TopicMessage[]): Promise<void>;
}
