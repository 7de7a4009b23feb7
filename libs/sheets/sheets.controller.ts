import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from '#event-sourcing';
import type { Labels } from '#lifecycle';
import { line, language as spokenLanguage } from '#values';
import { CurrentActor, InvalidRequest, type Reply, SHEET_FORMATS, sendSheet } from '#web-api';
import { SHEET_KINDS } from './kinds/index.js';
import { aliases } from './mapping.js';
import { SheetExport } from './sheet-export.js';
import { type RowFateView, SheetImport, type UploadView } from './sheet-import.js';
import { ENCODINGS } from './text-encoding.js';

const language = spokenLanguage.default('fr');
const exportOptions = z.strictObject({
  format: z.enum(SHEET_FORMATS).default('xlsx'),
  language,
  only: z
    .enum(['headings', 'all'])
    .default('all')
    .meta({ description: 'An empty sheet with the headings to fill in, or all' }),
});
const kindInPath = z.enum(SHEET_KINDS);
const sending = z.strictObject({ name: line(200).default('sheet') });
const rereading = z.strictObject({
  sheet: line(100).optional(),
  encoding: z.enum(ENCODINGS).optional(),
  headingLine: z.int().min(1).max(1_000).optional(),
});
const reading = z.strictObject({
  kind: z.enum(SHEET_KINDS),
  columns: z
    .record(line(100), z.int().min(0).max(199))
    .meta({ description: 'By column, the heading under which it stands, counted from 0' }),
  aliases: aliases.default({}).meta({ description: 'What names of the sheet mean: `organisations:Senegal` to an id' }),
  language,
});
const consent = z.strictObject({
  leaveOut: z.boolean().default(false).meta({ description: 'Import the others where rows are refused' }),
  confirmDates: z
    .boolean()
    .default(false)
    .meta({ description: 'The dates that could mean another day were looked at' }),
});
const rowOptions = z.strictObject({
  fate: z.enum(['new', 'changed', 'unchanged', 'refused']).optional(),
  language,
  fromLine: z.coerce.number().int().min(0).default(0).meta({ description: 'From which row on' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
const annotation = z.strictObject({ language });

/** A kind of sheet as the assistant shows it. */
export interface SheetKindView {
  id: string;
  columns: { id: string; labels: Labels; isRequired: boolean; isDate: boolean }[];
}

@ApiTags('sheets')
@Controller('sheets')
export class SheetsController {
  constructor(
    private readonly exports: SheetExport,
    private readonly imports: SheetImport,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The kinds of sheets that can be exported and imported, with their columns' })
  kinds(): { items: SheetKindView[] } {
    return {
      items: this.imports.kinds().map(({ id, columns }) => ({
        id,
        columns: columns.map(({ id: column, labels, isRequired = false, isDate = false }) => ({
          id: column,
          labels,
          isRequired,
          isDate,
        })),
      })),
    };
  }

  @Get(':kind')
  @ApiOperation({ summary: 'Everything of a kind as a sheet (CSV or XLSX) that can be imported again without loss' })
  async export(
    @Param('kind', { schema: kindInPath }) kind: z.infer<typeof kindInPath>,
    @Query({ schema: exportOptions }) options: z.infer<typeof exportOptions>,
    @Res() reply: Reply,
  ): Promise<void> {
    await sendSheet(reply, kind, options.format, await this.exports.sheet(kind, options.language, options.only));
  }
}

@ApiTags('sheets')
@Controller('uploads')
export class UploadsController {
  constructor(private readonly imports: SheetImport) {}

  @Post()
  @HttpCode(201)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOperation({
    summary: 'Send a sheet (CSV or XLSX, 100 MB at most): what is in it, and how its columns would be understood',
  })
  send(
    @Body() content: unknown,
    @Query({ schema: sending }) { name }: z.infer<typeof sending>,
    @CurrentActor() actor: Actor,
    @Headers('content-length') announced?: string,
  ): Promise<UploadView> {
    if (!(content instanceof Readable))
      throw new InvalidRequest([
        { field: 'body', rule: 'format', message: 'the bytes of the sheet, as application/octet-stream' },
      ]);
    return this.imports.receive(name, content, Number(announced ?? 0), actor);
  }

  @Get(':id')
  @ApiOperation({ summary: 'How far the import of a sheet has come' })
  get(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<UploadView> {
    return this.imports.get(id, actor);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Read it differently: another sheet of the workbook, another encoding, another row of headings',
  })
  reread(
    @Param('id') id: string,
    @Body({ schema: rereading }) how: z.infer<typeof rereading>,
    @CurrentActor() actor: Actor,
  ): Promise<UploadView> {
    return this.imports.reread(id, how as never, actor);
  }

  @Post(':id/check')
  @HttpCode(202)
  @ApiOperation({ summary: 'Look through all rows and say what would become of each; nothing is imported' })
  check(
    @Param('id') id: string,
    @Body({ schema: reading }) how: z.infer<typeof reading>,
    @CurrentActor() actor: Actor,
  ): Promise<UploadView> {
    return this.imports.check(id, how, actor);
  }

  @Post(':id/import')
  @HttpCode(202)
  @ApiOperation({ summary: 'Import what was checked; again, it changes nothing' })
  import(
    @Param('id') id: string,
    @Body({ schema: consent }) agreed: z.infer<typeof consent>,
    @CurrentActor() actor: Actor,
  ): Promise<UploadView> {
    return this.imports.import(id, agreed, actor);
  }

  @Get(':id/rows')
  @ApiOperation({ summary: 'What became, or would become, of its rows' })
  rows(
    @Param('id') id: string,
    @Query({ schema: rowOptions }) { language: spoken, ...options }: z.infer<typeof rowOptions>,
    @CurrentActor() actor: Actor,
  ): Promise<{ items: RowFateView[]; next?: number }> {
    return this.imports.rows(id, options, spoken, actor);
  }

  @Get(':id/annotated')
  @ApiOperation({ summary: 'The sheet as it came, as a workbook, with what is wrong beside its cells' })
  async annotated(
    @Param('id') id: string,
    @Query({ schema: annotation }) options: z.infer<typeof annotation>,
    @CurrentActor() actor: Actor,
    @Res() reply: Reply,
  ): Promise<void> {
    await sendSheet(reply, 'remarks', 'xlsx', await this.imports.annotated(id, options.language, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Let go of a sheet that was sent; what was imported from it stays' })
  remove(@Param('id') id: string, @CurrentActor() actor: Actor): Promise<void> {
    return this.imports.remove(id, actor);
  }
}
