export { webhookAddress } from './address.ts';
export { connectWebhooks } from './connect.ts';
export { secretLengthMin } from './signature.ts';
export type { WebhookLimits, WebhookOptions, Webhooks } from './webhooks.ts';
