import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { statementDecider, statementEvents } from './statement.js';
import { statements } from './statement.projection.js';
import { ListStatementsHandler } from './statement.queries.js';
import { StatementsController } from './statements.controller.js';

export const statementsCapability: Capability = {
  events: { statement: statementEvents },
  deciders: [statementDecider],
  readModels: [statements],
};

@Module({ controllers: [StatementsController], providers: [ListStatementsHandler] })
export class StatementsModule {}
