import { Controller, Get, Inject, Res, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '#access';
import type { Reply } from '#web-api';
import { Health, type HealthReport } from './health.js';

const RETRY_AFTER_SECONDS = '5';

@ApiTags('health')
@Controller({ path: 'health', version: VERSION_NEUTRAL })
export class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  @Get('live')
  @Public()
  @ApiOperation({ summary: 'The process runs' })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @Public()
  @ApiOperation({
    summary:
      'Whether the house can do its work: 503 with what stands still, and since when, while a store is away or a consumer cannot go on',
  })
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<HealthReport> {
    const report = await this.health.look();
    if (report.status === 'unready') void reply.status(503).header('retry-after', RETRY_AFTER_SECONDS);
    return report;
  }
}
