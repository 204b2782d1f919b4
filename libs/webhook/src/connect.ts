import type { LimitController } from '@headroom/ports';
import type { WebhookOptions, Webhooks } from './webhooks.ts';

/** As `createWebhooks`. The HTTP client is loaded here, and only where somebody has a webhook. */
export async function connectWebhooks(
  options: WebhookOptions,
  otherwise: LimitController,
): Promise<Webhooks> {
  const { createWebhooks } = await import('./webhooks.ts');
  return createWebhooks(options, otherwise);
}
