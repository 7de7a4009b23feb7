import { Module } from '@nestjs/common';
import { ChangeDelivery } from './change-delivery.js';
import { ChangeFeedController } from './change-feed.controller.js';
import { Changes } from './changes.js';

@Module({ controllers: [ChangeFeedController], providers: [Changes, ChangeDelivery], exports: [ChangeDelivery] })
export class ChangeFeedModule {}
