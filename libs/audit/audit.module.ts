import { Module } from '@nestjs/common';
import { AuditController } from './audit.controller.js';
import { Evidence } from './evidence.js';
import { FeedController } from './feed.controller.js';
import { HistoryController } from './history.controller.js';
import { ShowHistoryHandler } from './history.queries.js';
import { ProofsController } from './proofs.controller.js';
import { TellStoryHandler } from './story.js';

@Module({
  controllers: [HistoryController, AuditController, ProofsController, FeedController],
  providers: [ShowHistoryHandler, TellStoryHandler, Evidence],
})
export class AuditModule {}
