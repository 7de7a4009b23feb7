import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { webhookDecider, webhookEvents } from './webhook.js';
import { WEBHOOK_KEY, WebhooksController } from './webhooks.controller.js';

export { WEBHOOK_KEY };

export const webhooksCapability: Capability = {
  events: { webhook: webhookEvents },
  deciders: [webhookDecider],
};

@Module({ controllers: [WebhooksController] })
export class WebhooksModule {}
