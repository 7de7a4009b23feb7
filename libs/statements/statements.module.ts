import { Module } from '@nestjs/common';
import { StatementCommandHandler } from './statement.command.js';
import { ListStatementsHandler } from './statement.queries.js';
import { StatementsController } from './statements.controller.js';

@Module({ controllers: [StatementsController], providers: [StatementCommandHandler, ListStatementsHandler] })
export class StatementsModule {}
