import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from '#event-sourcing';
import { authorise } from '#roles';
import { language } from '#values';
import { CurrentActor, type Page, type Reply, readOptions, UntilClientLeaves } from '#web-api';
import { type AttemptView, attemptFilter, ListAttempts } from './attempts.js';
import { FollowChain } from './chain.js';
import {
  CompareMoments,
  comparisonOptions,
  type DifferenceView,
  type ProvenanceView,
  provenanceOptions,
  TellProvenance,
} from './comparison.js';
import type { HistoryEntry } from './history.queries.js';
import { Reports } from './reports.js';
import { type Story, storyFilter, storyFilters, TellStory } from './story.js';

const exportOptions = z.strictObject({
  ...readOptions,
  ...storyFilters,
  format: z.enum(['csv', 'jsonl', 'pdf']),
  language: language.default('fr'),
});
const TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8', pdf: 'application/pdf' };

@ApiTags('history')
@Controller('audit')
export class AuditController {
  constructor(
    private readonly queries: QueryBus,
    private readonly reports: Reports,
  ) {}

  @Get('events')
  @ApiOperation({
    summary:
      'What happened to everything, the latest first; by kind of subject, programme, country, person, words, type and period',
  })
  events(@Query({ schema: storyFilter }) filter: z.infer<typeof storyFilter>): Promise<Story> {
    return this.queries.execute(new TellStory(filter));
  }

  @Get('events/export')
  @ApiProduces('text/csv', 'application/jsonl', 'application/pdf')
  @ApiOperation({
    summary:
      'The same story as a file: CSV or JSON Lines of all of it, or a PDF/A that names the query, the position and the checkpoint',
  })
  async export(
    @Query({ schema: exportOptions }) { format, language, after: _, ...filter }: z.infer<typeof exportOptions>,
    @CurrentActor() actor: Actor,
    @UntilClientLeaves() signal: AbortSignal,
    @Res() reply: Reply,
  ): Promise<void> {
    // Refused now, if it is to be: an answer that has begun cannot be.
    if (format !== 'pdf') await this.queries.execute(new TellStory({ ...filter, limit: 1 }));
    const content =
      format === 'pdf'
        ? await this.reports.pdf({ language, filter, actor, signal })
        : Readable.from(format === 'csv' ? this.reports.csv(filter, language) : this.reports.lines(filter, language));
    await reply
      .header('content-type', TYPES[format])
      .header('content-disposition', `attachment; filename="paraphe-audit.${format}"`)
      .send(content);
  }

  @Get('events/:id/chain')
  @ApiOperation({ summary: 'All that an event goes back to and all that it led to, in the order of the log' })
  async chain(
    @Param('id') id: string,
    @Query({ schema: z.strictObject(readOptions) }) _options: object,
  ): Promise<{ items: HistoryEntry[] }> {
    return { items: await this.queries.execute(new FollowChain(id)) };
  }

  @Get('attempts')
  @ApiOperation({
    summary: 'What was refused or failed, and who read what is confidential, the latest first; for auditors',
  })
  attempts(
    @Query({ schema: attemptFilter }) filter: z.infer<typeof attemptFilter>,
    @CurrentActor() actor: Actor,
  ): Promise<Page<AttemptView>> {
    authorise(actor, 'ListAttempts', ['auditor']);
    return this.queries.execute(new ListAttempts(filter));
  }

  @Get('provenance')
  @ApiOperation({
    summary: 'Where each value of something comes from: the event, who recorded it, the document and its words',
  })
  async provenance(
    @Query({ schema: provenanceOptions }) { kind, id, asOf, effectiveAt }: z.infer<typeof provenanceOptions>,
  ): Promise<{ items: ProvenanceView[] }> {
    return { items: await this.queries.execute(new TellProvenance(kind, id, { asOf, effectiveAt })) };
  }

  @Get('comparison')
  @ApiOperation({
    summary: 'What differs between something at one moment and at another, each difference with its event',
  })
  async comparison(
    @Query({ schema: comparisonOptions }) asked: z.infer<typeof comparisonOptions>,
  ): Promise<{ items: DifferenceView[] }> {
    const earlier = { asOf: asked.fromAsOf, effectiveAt: asked.fromEffectiveAt };
    const later = { asOf: asked.toAsOf, effectiveAt: asked.toEffectiveAt };
    const isFromNothing = earlier.asOf === undefined && earlier.effectiveAt === undefined;
    const query = new CompareMoments(asked.kind, asked.id, isFromNothing ? undefined : earlier, later);
    return { items: await this.queries.execute(query) };
  }
}
