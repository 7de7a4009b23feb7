import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Body, Controller, Get, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Actor } from '#event-sourcing';
import type { ImportReport } from '#portfolio';
import { line, reference } from '#values';
import { CurrentActor, InvalidRequest, type Reply } from '#web-api';
import { IatiExport } from './iati-export.js';
import { IatiImport } from './iati-import.js';

const reporting = {
  ref: z
    .string()
    .regex(
      /^[A-Z]{2,3}-[A-Za-z0-9.-]{2,40}-[^\s/&|?]{1,60}$|^[A-Z]{2}-[A-Z]{2,10}-[0-9A-Za-z]+$/,
      'an organisation identifier of org-id.guide, like MA-GOV-12345',
    )
    .meta({ description: 'Who publishes: its organisation identifier' }),
  name: line(300).meta({ description: 'Who publishes: its name' }),
  type: z
    .string()
    .regex(/^\d{2}$/)
    .default('10')
    .meta({ description: 'Who publishes: a code of the codelist OrganisationType' }),
};
const activityOptions = z.strictObject({ ...reporting, project: reference('project').optional() });
const organisationOptions = z.strictObject(reporting);
const importOptions = z.strictObject({
  dryRun: z.stringbool().default(false),
  name: line(200).default('iati.xml'),
});
const MEDIA_TYPE = 'application/xml; charset=utf-8';
const MOST_BYTES = 100 * 1024 * 1024;

@ApiTags('iati')
@Controller('iati')
export class IatiController {
  constructor(
    private readonly exports: IatiExport,
    private readonly imports: IatiImport,
  ) {}

  @Get('activities.xml')
  @ApiOperation({ summary: 'Projects as IATI 2.03 activities' })
  async activities(
    @Query({ schema: activityOptions }) { project, ...publisher }: z.infer<typeof activityOptions>,
    @Res() reply: Reply,
  ): Promise<void> {
    const activities = Readable.from(this.exports.activities(publisher, project));
    // Of one project it is known whether it can be told before anything is sent.
    const content = project === undefined ? activities : await text(activities);
    await reply.header('content-type', MEDIA_TYPE).send(content);
  }

  @Get('organisations.xml')
  @Header('content-type', MEDIA_TYPE)
  @ApiOperation({ summary: 'The IATI 2.03 organisation file of the one that publishes' })
  organisations(@Query({ schema: organisationOptions }) publisher: z.infer<typeof organisationOptions>): string {
    return this.exports.organisationFile(publisher);
  }

  @Post('imports')
  @HttpCode(200)
  @ApiConsumes('application/xml')
  @ApiBody({ schema: { type: 'string' } })
  @ApiOperation({ summary: 'Make projects of a published IATI file, or say what would become of it' })
  import(
    @Body() content: unknown,
    @Query({ schema: importOptions }) { dryRun, name }: z.infer<typeof importOptions>,
    @CurrentActor() actor: Actor,
  ): Promise<ImportReport> {
    if (!(content instanceof Readable))
      throw new InvalidRequest(
        [{ field: 'Content-Type', rule: 'media-type', message: 'send the file as application/xml' }],
        415,
      );
    return this.imports.import(texts(content), name, { actor, dryRun });
  }
}

/** The text of a file that comes; IATI is UTF-8. */
async function* texts(content: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let size = 0;
  for await (const piece of content) {
    size += (piece as Buffer).length;
    if (size > MOST_BYTES)
      throw new InvalidRequest([{ field: 'body', rule: 'size', message: 'an IATI file may have 100 MB at most' }], 413);
    yield decoder.decode(piece as Buffer, { stream: true });
  }
  yield decoder.decode();
}
