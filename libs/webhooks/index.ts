export { post, type WebhookEvent, WebhookGone, webhookCommands, webhookDecider, webhookSecret } from './webhook.js';
export { WEBHOOK_KEY, WebhooksModule, webhooksCapability } from './webhooks.module.js';
