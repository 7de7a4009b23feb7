import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type CommandEnvelope } from '#event-sourcing';
import { edtf, identifier, reference } from '#values';
import { AtAnyMoment, answer, type CommandAnswer, Envelope, momentOptions, type Page, type Reply } from '#web-api';
import { OrganisationCommand } from './organisation.command.js';
import { organisationParticulars, renaming } from './organisation.js';
import type { OrganisationRow } from './organisation.projection.js';
import { GetOrganisation, ListOrganisations, organisationFilter } from './organisation.queries.js';

const registration = organisationParticulars.extend({ id: identifier, effectiveOn: edtf.optional() });
const contact = z.strictObject({ contact: reference('user') });

@ApiTags('organisations')
@Controller('organisations')
export class OrganisationsController {
  constructor(
    private readonly commands: CommandBus,
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
  async register(
    @Body({ schema: registration }) { id, effectiveOn, ...particulars }: z.infer<typeof registration>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const body = { type: 'RegisterOrganisation' as const, particulars, ...(effectiveOn && { effectiveOn }) };
    return answer(reply, id, await this.commands.execute(new OrganisationCommand(id, body, envelope)));
  }

  @Post(':id/contact')
  @ApiOperation({ summary: 'Say to whom one writes there' })
  async contact(
    @Param('id') id: string,
    @Body({ schema: contact }) body: z.infer<typeof contact>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(
      reply,
      id,
      await this.commands.execute(new OrganisationCommand(id, { type: 'NameContact', ...body }, envelope)),
    );
  }

  @Post(':id/rename')
  @ApiOperation({ summary: 'Give it another name from a day on' })
  async rename(
    @Param('id') id: string,
    @Body({ schema: renaming }) body: z.infer<typeof renaming>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(
      reply,
      id,
      await this.commands.execute(new OrganisationCommand(id, { type: 'RenameOrganisation', ...body }, envelope)),
    );
  }
}
