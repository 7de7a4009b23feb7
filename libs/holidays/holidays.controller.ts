import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Calendars, type Feast } from '#calendar';
import { type Clock, type CommandEnvelope, Commands } from '#event-sourcing';
import { authorise } from '#roles';
import { country as countrySchema } from '#values';
import { answer, CLOCK, type CommandAnswer, Envelope, type Reply } from '#web-api';
import {
  type CalendarCommand,
  type CalendarEvent,
  calendarCommands,
  exceptionalDay,
  factOf,
  learnDay,
  PROCLAMATIONS,
  proclamation,
} from './calendar-day.js';
import { MOVES, type Move, type MoveFinder } from './moves.js';

const years = z.strictObject({ year: z.coerce.number().int().min(1970).max(2100).optional() });
const rehearsal = z.strictObject({ dryRun: z.stringbool().default(false) });

/** What is known of a country's days off. */
interface CalendarView {
  feasts: Feast[];
  days: { day: string; worked: boolean }[];
}

/** What a proclamation does, or would do. */
type Proclaimed = Partial<CommandAnswer> & { moves: Move[] };

@ApiTags('calendars')
@Controller('calendars')
export class HolidaysController {
  constructor(
    private readonly commands: Commands,
    private readonly calendars: Calendars,
    @Inject(MOVES) private readonly moves: MoveFinder,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: "The desk's own calendar: its country, the feasts of a year and the exceptional days" })
  ofDesk(@Query({ schema: years }) query: z.infer<typeof years>): CalendarView & { country: string } {
    const country = this.calendars.desk;
    return { country, ...this.show(country, query) };
  }

  @Get(':country')
  @ApiOperation({ summary: 'The feasts of a year, predicted or proclaimed, and the exceptional days' })
  show(
    @Param('country', { schema: countrySchema }) country: string,
    @Query({ schema: years }) { year = Number(this.clock.today().slice(0, 4)) }: z.infer<typeof years>,
  ): CalendarView {
    return { feasts: this.calendars.feasts(country, year), days: this.calendars.exceptionalDays(country) };
  }

  @Post('feasts')
  @HttpCode(200)
  @ApiOperation({ summary: 'Proclaim the days of a feast, or with `dryRun=true` say which reminders that would move' })
  proclaim(
    @Body({ schema: proclamation }) body: z.infer<typeof proclamation>,
    @Query({ schema: rehearsal }) { dryRun }: z.infer<typeof rehearsal>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Proclaimed> {
    return this.execute({ type: 'ProclaimFeast', ...body }, dryRun, envelope, reply);
  }

  @Post('days')
  @HttpCode(200)
  @ApiOperation({ summary: 'Declare a day off, or worked, or with `dryRun=true` say which reminders that would move' })
  declare(
    @Body({ schema: exceptionalDay }) body: z.infer<typeof exceptionalDay>,
    @Query({ schema: rehearsal }) { dryRun }: z.infer<typeof rehearsal>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<Proclaimed> {
    return this.execute({ type: 'DeclareDay', ...body }, dryRun, envelope, reply);
  }

  private async execute(
    command: CalendarCommand,
    dryRun: boolean,
    envelope: CommandEnvelope,
    reply: Reply,
  ): Promise<Proclaimed> {
    // Before anything is computed for somebody who may not ask.
    authorise(envelope.actor, command.type, calendarCommands.by);
    const fork = this.calendars.fork();
    learnDay(fork, factOf(command));
    const moves = await this.moves.find(fork);
    if (dryRun) return { moves };
    const outcome = await this.commands.send(calendarCommands, PROCLAMATIONS, command, envelope);
    for (const one of outcome.events) learnDay(this.calendars, one as CalendarEvent);
    return { ...answer(reply, command.country, outcome), moves };
  }
}
