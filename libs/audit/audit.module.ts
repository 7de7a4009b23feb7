import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { FeedController } from './feed.controller.js';
import { HistoryController } from './history.controller.js';
import { ShowHistoryHandler } from './history.queries.js';
import { TellStoryHandler } from './story.js';

@Module({
  controllers: [HistoryController, AuditController, FeedController],
  providers: [ShowHistoryHandler, TellStoryHandler],
})
export class AuditModule {}
