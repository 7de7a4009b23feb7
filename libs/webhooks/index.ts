export {
  post,
  type WebhookEvent,
  WebhookGone,
  WebhookInvalid,
  WebhookRefused,
  webhookCommands,
  webhookDecider,
  webhookSecret,
} from './webhook.js';
export { WEBHOOK_KEY, WebhooksModule, webhooksCapability } from './webhooks.module.js';
