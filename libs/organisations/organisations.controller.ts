import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type CommandEnvelope, Commands } from '#event-sourcing';
import { edtf, identifier } from '#values';
import { AtAnyMoment, answer, type CommandAnswer, Envelope, momentOptions, type Page, type Reply } from '#web-api';
import { type OrganisationCommand, organisationCommands, organisationParticulars } from './organisation.js';
import type { OrganisationRow } from './organisation.projection.js';
import { GetOrganisation, ListOrganisations, organisationFilter } from './organisation.queries.js';

const registration = organisationParticulars.extend({ id: identifier, effectiveOn: edtf.optional() });
const { NameContact, RenameOrganisation } = organisationCommands.definitions;

@ApiTags('organisations')
@Controller('organisations')
export class OrganisationsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @AtAnyMoment()
  @ApiOperation({ summary: 'Organisations by name' })
  list(
    @Query({ schema: organisationFilter }) filter: z.infer<typeof organisationFilter>,
  ): Promise<Page<OrganisationRow>> {
    return this.queries.execute(new ListOrganisations(filter));
  }

  @Get(':id')
  @AtAnyMoment()
  @ApiOperation({ summary: 'One organisation, with all its names' })
  get(@Param('id') id: string, @Query({ schema: momentOptions }) _options: object): Promise<OrganisationRow> {
    return this.queries.execute(new GetOrganisation(id));
  }

  @Post()
  @ApiOperation({ summary: 'Register an organisation' })
  register(
    @Body({ schema: registration }) { id, effectiveOn, ...particulars }: z.infer<typeof registration>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'RegisterOrganisation', particulars, effectiveOn }, envelope, reply);
  }

  @Post(':id/contact')
  @ApiOperation({ summary: 'Say to whom one writes there' })
  contact(
    @Param('id') id: string,
    @Body({ schema: NameContact.schema }) body: z.infer<typeof NameContact.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'NameContact', ...body }, envelope, reply);
  }

  @Post(':id/rename')
  @ApiOperation({ summary: 'Give it another name from a day on' })
  rename(
    @Param('id') id: string,
    @Body({ schema: RenameOrganisation.schema }) body: z.infer<typeof RenameOrganisation.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'RenameOrganisation', ...body }, envelope, reply);
  }

  private async send(
    id: string,
    command: OrganisationCommand,
    envelope: CommandEnvelope,
    reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.commands.send(organisationCommands, id, command, envelope));
  }
}
