import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { sql } from 'kysely';
import { Public } from '#access';
import { EventStore } from '#event-sourcing';
import { ClockWatch } from '#operations';
import { ReadStore } from '#read-store';

@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(
    private readonly eventStore: EventStore,
    private readonly readStore: ReadStore,
    private readonly clockWatch: ClockWatch,
  ) {}

  @Get('live')
  @Public()
  @ApiOperation({ summary: 'The process runs' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  @ApiOperation({ summary: 'The event store and the read models answer' })
  async ready(): Promise<{ status: 'ready' }> {
    await this.clockWatch.assertConfirmed();
    await Promise.all([this.eventStore.head(), sql`select 1`.execute(this.readStore.tables())]);
    return { status: 'ready' };
  }
}
