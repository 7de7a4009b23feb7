import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Page, pageOptions } from '#web-api';
import { type HistoryEntry, type Part, ShowHistory } from './history.queries.js';

const options = z.strictObject(pageOptions);
type Options = z.infer<typeof options>;

@ApiTags('history')
@Controller()
export class HistoryController {
  constructor(private readonly queries: QueryBus) {}

  @Get('agreements/:id/history')
  @ApiOperation({ summary: "An agreement's history: who, when, when effective, what, because of what" })
  agreement(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('agreement', id, page);
  }

  @Get('projects/:id/history')
  @ApiOperation({ summary: "A project's history" })
  project(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('project', id, page);
  }

  @Get('programmes/:id/history')
  @ApiOperation({ summary: "A programme's history" })
  programme(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('programme', id, page);
  }

  @Get('organisations/:id/history')
  @ApiOperation({ summary: "An organisation's history" })
  organisation(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('organisation', id, page);
  }

  @Get('meetings/:id/history')
  @ApiOperation({ summary: "A meeting's history" })
  meeting(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('meeting', id, page);
  }

  @Get('users/:id/history')
  @ApiOperation({ summary: "A user's history: roles, units, passwords set (never what they are)" })
  user(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('user', id, page);
  }

  @Get('lifecycles/:id/history')
  @ApiOperation({ summary: "A lifecycle's history: its versions, published and retired" })
  lifecycle(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('lifecycle', 'catalogue', page, { field: 'lifecycle', id });
  }

  @Get('reminder-policies/:id/history')
  @ApiOperation({ summary: "A reminder policy's history: its versions, published and retired" })
  policy(@Param('id') id: string, @Query({ schema: options }) page: Options): Promise<Page<HistoryEntry>> {
    return this.show('reminder_policy', 'catalogue', page, { field: 'policy', id });
  }

  private show(category: string, id: string, { limit, cursor }: Options, part?: Part): Promise<Page<HistoryEntry>> {
    return this.queries.execute(new ShowHistory(category, id, limit, cursor, part));
  }
}
