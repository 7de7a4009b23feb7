import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor, Clock, CommandEnvelope } from '#event-sourcing';
import { authorise } from '#roles';
import { text } from '#values';
import { answer, CLOCK, type CommandAnswer, CurrentActor, Envelope, type Reply, readOptions } from '#web-api';
import { Erasures } from './erasures.js';
import { GatherPersonalRecord, ListPeople, type PersonalRecord, type PersonView } from './personal-data.js';
import { PROCESSING, type ProcessingActivity } from './register.js';

const options = z.strictObject(readOptions);
const erasure = z.strictObject({ reason: text(500).min(3) });

@ApiTags('personal data')
@Controller()
export class PersonalDataController {
  constructor(
    private readonly queries: QueryBus,
    private readonly erasures: Erasures,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('people')
  @ApiOperation({ summary: 'Everybody on record, by name; for administrators and auditors' })
  async people(
    @Query({ schema: options }) _options: object,
    @CurrentActor() actor: Actor,
  ): Promise<{ items: PersonView[] }> {
    authorise(actor, 'ListPeople', ['auditor']);
    return { items: await this.queries.execute(new ListPeople()) };
  }

  @Get('people/:id/record')
  @ApiOperation({ summary: 'All that is on record of one person; for administrators, and for oneself' })
  async record(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<PersonalRecord> {
    if (actor.id !== id) authorise(actor, 'GatherPersonalRecord', []);
    const record = await this.queries.execute(new GatherPersonalRecord(id));
    return { ...record, madeAt: this.clock.now().toISOString() };
  }

  @Post('people/:id/erasure')
  @ApiOperation({
    summary:
      'Erase a person: name and contacts become unreadable everywhere, for good; histories and proofs stay valid',
  })
  async erase(
    @Param('id') id: string,
    @Body({ schema: erasure }) { reason }: z.infer<typeof erasure>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    // Before anything is looked at for somebody who may not ask.
    authorise(envelope.actor, 'ErasePerson', []);
    return answer(reply, id, await this.erasures.erase(id, reason, envelope));
  }

  @Get('personal-data/register')
  @ApiOperation({ summary: 'The register of processing activities (GDPR art. 30), as the product processes' })
  register(): { items: ProcessingActivity[] } {
    return { items: PROCESSING };
  }
}
