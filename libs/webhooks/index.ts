export { post, type WebhookEvent, WebhookGone, webhookDecider, webhookEvents, webhookSecret } from './webhook.js';
export { WEBHOOK_KEY, WebhooksModule } from './webhooks.module.js';
