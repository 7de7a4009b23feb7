import { Module } from '@nestjs/common';
import { WEBHOOK_KEY, WebhooksController } from './webhooks.controller.js';

export { WEBHOOK_KEY };

@Module({ controllers: [WebhooksController] })
export class WebhooksModule {}
