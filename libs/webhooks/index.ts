export {
  post,
  type WebhookEvent,
  WebhookGone,
  WebhookInvalid,
  WebhookRefused,
  webhookDecider,
  webhookEvents,
  webhookSecret,
} from './webhook.js';
export { WEBHOOK_KEY, WebhooksModule } from './webhooks.module.js';
