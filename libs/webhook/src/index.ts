export { webhookAddress } from './address.ts';
export { connectWebhooks } from './connect.ts';
export type { WebhookLimits, WebhookOptions, Webhooks } from './connect.ts';
export { secretLengthMin, signatureOf } from './signature.ts';
