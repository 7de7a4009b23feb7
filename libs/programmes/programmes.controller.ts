import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type CommandEnvelope, Commands } from '#event-sourcing';
import { edtf, identifier } from '#values';
import { AtAnyMoment, answer, type CommandAnswer, Envelope, momentOptions, type Page, type Reply } from '#web-api';
import { programmeCommands, programmeParticulars } from './programme.js';
import { GetProgramme, ListProgrammes, type ProgrammeView } from './programme.queries.js';

const registration = programmeParticulars.extend({ id: identifier, effectiveOn: edtf.optional() });

@ApiTags('programmes')
@Controller('programmes')
export class ProgrammesController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @AtAnyMoment()
  @ApiOperation({ summary: 'All programmes' })
  async list(@Query({ schema: momentOptions }) _options: object): Promise<Page<ProgrammeView>> {
    return { items: await this.queries.execute(new ListProgrammes()) };
  }

  @Get(':id')
  @AtAnyMoment()
  @ApiOperation({ summary: 'One programme' })
  get(@Param('id') id: string, @Query({ schema: momentOptions }) _options: object): Promise<ProgrammeView> {
    return this.queries.execute(new GetProgramme(id));
  }

  @Post()
  @ApiOperation({ summary: 'Register a programme' })
  async register(
    @Body({ schema: registration }) { id, effectiveOn, ...particulars }: z.infer<typeof registration>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const command = { type: 'RegisterProgramme' as const, particulars, effectiveOn };
    return answer(reply, id, await this.commands.send(programmeCommands, id, command, envelope));
  }
}
