import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Reply } from '#web-api';
import { CLOCKS, MinedLog } from './event-log.js';
import { ocel } from './ocel.js';
import { xes } from './xes.js';

const clock = z.enum(CLOCKS).default('effective').meta({
  description:
    'Whether an event stands at the day on which it happened, the first that it can mean, or at the instant at which it was recorded',
});
const ocelOptions = z.strictObject({ clock });
const xesOptions = z.strictObject({
  clock,
  cases: z.enum(['agreement', 'project', 'meeting']).default('agreement').meta({ description: 'What a trace is' }),
});

@ApiTags('process mining')
@Controller('process-mining')
export class ProcessMiningController {
  constructor(private readonly log: MinedLog) {}

  @Get('ocel.json')
  @ApiOperation({
    summary: 'The log in OCEL 2.0: agreements, projects, parties, meetings, and people under pseudonyms',
  })
  async ocel(@Query({ schema: ocelOptions }) options: z.infer<typeof ocelOptions>, @Res() reply: Reply): Promise<void> {
    await reply
      .header('content-type', 'application/json; charset=utf-8')
      .send(Readable.from(ocel(this.log, options.clock)));
  }

  @Get('log.xes')
  @ApiOperation({ summary: 'One kind of case in XES (IEEE 1849-2016)' })
  async xes(@Query({ schema: xesOptions }) options: z.infer<typeof xesOptions>, @Res() reply: Reply): Promise<void> {
    await reply
      .header('content-type', 'application/xml; charset=utf-8')
      .send(Readable.from(xes(this.log, options.cases, options.clock)));
  }
}
