import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { agreementFilters } from '#agreements';
import { addDays } from '#calendar';
import type { Actor, Clock } from '#event-sourcing';
import { day } from '#values';
import { CLOCK, CurrentActor, readOptions } from '#web-api';
import { Agenda, type AgendaItem } from './agenda.js';

const options = z.strictObject({
  ...readOptions,
  from: day.optional(),
  until: day.optional(),
  scope: z.enum(['mine', 'all']).default('mine'),
  /** With any of these, only agreements are shown. */
  ...agreementFilters,
});
const WEEKS_AHEAD = 8;

@ApiTags('agenda')
@Controller('agenda')
export class AgendaController {
  constructor(
    private readonly agenda: Agenda,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What waits for the user, or for anybody, and what falls on a day of a period' })
  async show(
    @Query({ schema: options }) { from, until, scope, after: _, ...filter }: z.infer<typeof options>,
    @CurrentActor() actor: Actor,
  ): Promise<{ today: string; items: AgendaItem[] }> {
    const today = this.clock.today();
    const period = { from: from ?? today, until: until ?? addDays(from ?? today, WEEKS_AHEAD * 7) };
    return { today, items: await this.agenda.show(actor, { ...period, scope, filter }) };
  }
}
