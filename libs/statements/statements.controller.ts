import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { type CommandEnvelope, Commands } from '#event-sourcing';
import { identifier } from '#values';
import { AtAnyMoment, answer, type CommandAnswer, Envelope, type Page, type Reply } from '#web-api';
import { statementCommands, statementParticulars } from './statement.js';
import { ListStatements, type StatementView, statementFilter } from './statement.queries.js';

const record = statementParticulars.extend({ id: identifier });

@ApiTags('statements')
@Controller('statements')
export class StatementsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @AtAnyMoment()
  @ApiOperation({ summary: 'Stated figures, each with what is known by name and the gap between' })
  async list(
    @Query({ schema: statementFilter }) filter: z.infer<typeof statementFilter>,
  ): Promise<Page<StatementView>> {
    return { items: await this.queries.execute(new ListStatements(filter)) };
  }

  @Post()
  @ApiOperation({ summary: 'Record a stated figure' })
  async record(
    @Body({ schema: record }) { id, ...particulars }: z.infer<typeof record>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const command = { type: 'RecordStatement' as const, particulars };
    return answer(reply, id, await this.commands.send(statementCommands, id, command, envelope));
  }
}
