import { Module } from '@nestjs/common';
import { HistoryController } from './history.controller.js';
import { ShowHistoryHandler } from './history.queries.js';

@Module({ controllers: [HistoryController], providers: [ShowHistoryHandler] })
export class AuditModule {}
