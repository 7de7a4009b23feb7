import { Controller, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Accounts, Public } from '#access';
import { type CommandEnvelope, NotFound } from '#event-sourcing';
import { Envelope, type Reply } from '#web-api';
import { CalendarFeed } from './calendar-feed.js';
import { REMINDER_SETTINGS, type ReminderSettings } from './settings.js';

@ApiTags('calendars')
@Controller('feeds')
export class CalendarFeedController {
  constructor(
    private readonly accounts: Accounts,
    private readonly feed: CalendarFeed,
    @Inject(REMINDER_SETTINGS) private readonly settings: ReminderSettings,
  ) {}

  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Make an address that calendar programs subscribe to; it is shown this once only, and revoked as a token',
  })
  async issue(@Envelope() envelope: CommandEnvelope): Promise<{ id: string; url: string; agreementUrl: string }> {
    const { id, secret } = await this.accounts.issueFeed(envelope.actor.id, envelope);
    const base = `${this.settings.baseUrl}/api/v1/feeds/${secret}`;
    return { id, url: `${base}/calendar.ics`, agreementUrl: `${base}/agreements/{id}.ics` };
  }

  @Get(':secret/calendar.ics')
  @Public()
  @ApiOperation({ summary: 'The deadlines, milestones and follow-ups for which the user answers, and the meetings' })
  async mine(@Param('secret') secret: string, @Res({ passthrough: true }) reply: Reply): Promise<string> {
    const user = await this.bearer(secret);
    return this.as(reply, await this.feed.ofUser(user));
  }

  @Get(':secret/agreements/:file')
  @Public()
  @ApiOperation({ summary: 'What falls on a day of one agreement, and the meetings with its partners' })
  async agreement(
    @Param('secret') secret: string,
    @Param('file') file: string,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<string> {
    await this.bearer(secret);
    return this.as(reply, await this.feed.ofAgreement(file.replace(/\.ics$/, '')));
  }

  private async bearer(secret: string): Promise<string> {
    const user = await this.accounts.bearerOfFeed(secret);
    // A wrong address says no more than that there is nothing.
    if (!user) throw new NotFound('calendar feed', 'at this address');
    return user.id;
  }

  private as(reply: Reply, calendar: string): string {
    void reply.header('content-type', 'text/calendar; charset=utf-8').header('cache-control', 'private, max-age=300');
    return calendar;
  }
}
