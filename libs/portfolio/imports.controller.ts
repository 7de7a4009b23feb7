import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from '#event-sourcing';
import { CurrentActor, InvalidRequest, UntilClientLeaves } from '#web-api';
import { Importer, type ImportReport } from './importer.js';

const options = z.strictObject({ dryRun: z.stringbool().default(false) });

@ApiTags('imports')
@Controller('imports')
export class ImportsController {
  constructor(private readonly importer: Importer) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Import a portfolio file; the answer tells what became of every command in it' })
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A portfolio file' })
  import(
    @Body() text: unknown,
    @Query({ schema: options }) { dryRun }: z.infer<typeof options>,
    @CurrentActor() actor: Actor,
    @UntilClientLeaves() signal: AbortSignal,
  ): Promise<ImportReport> {
    if (typeof text !== 'string') {
      throw new InvalidRequest(
        [{ field: 'Content-Type', rule: 'media-type', message: 'send the file as application/yaml' }],
        415,
      );
    }
    return this.importer.import(text, { actor, dryRun, signal });
  }
}
