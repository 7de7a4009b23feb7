import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { type Story, storyFilter, TellStory } from './story.js';

@ApiTags('history')
@Controller('audit')
export class AuditController {
  constructor(private readonly queries: QueryBus) {}

  @Get('events')
  @ApiOperation({ summary: 'What happened to everything, the latest first; by kind of subject, user, type and period' })
  events(@Query({ schema: storyFilter }) filter: z.infer<typeof storyFilter>): Promise<Story> {
    return this.queries.execute(new TellStory(filter));
  }
}
