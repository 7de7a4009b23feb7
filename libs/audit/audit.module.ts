import { Global, Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { RECORDER } from '#web-api';
import { attemptEvents, attempts } from './attempt.js';
import { Attempts, ListAttemptsHandler } from './attempts.js';
import { AuditController } from './audit.controller.js';
import { FollowChainHandler } from './chain.js';
import { CompareMomentsHandler, TellProvenanceHandler } from './comparison.js';
import { Evidence } from './evidence.js';
import { HistoryController } from './history.controller.js';
import { ShowHistoryHandler } from './history.queries.js';
import { ProofsController } from './proofs.controller.js';
import { Reports } from './reports.js';
import { TellStoryHandler } from './story.js';
import { timeline } from './timeline.projection.js';
import { Wording } from './wording.js';

export const auditCapability: Capability = {
  events: { attempt: attemptEvents },
  readModels: [timeline, attempts],
};

@Global()
@Module({
  controllers: [HistoryController, AuditController, ProofsController],
  providers: [
    ShowHistoryHandler,
    TellStoryHandler,
    TellProvenanceHandler,
    CompareMomentsHandler,
    FollowChainHandler,
    Evidence,
    Reports,
    Wording,
    Attempts,
    ListAttemptsHandler,
    { provide: RECORDER, useExisting: Attempts },
  ],
  exports: [RECORDER],
})
export class AuditModule {}
