import { Readable } from 'node:stream';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Actor, NotFound } from '#event-sourcing';
import { authorise, DESK } from '#roles';
import { line } from '#values';
import { CurrentActor, InvalidRequest, type Reply } from '#web-api';
import { DocumentStore, isName } from './document-store.js';

const options = z.strictObject({ name: line(300).optional() });

/** What a browser shows by itself without running anything of it; everything else is only saved. */
const SHOWN = [
  { type: 'application/pdf', begins: Buffer.from('%PDF-') },
  { type: 'image/png', begins: Buffer.from([0x89, 0x50, 0x4e, 0x47]) },
  { type: 'image/jpeg', begins: Buffer.from([0xff, 0xd8, 0xff]) },
];
const NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";

@ApiTags('documents')
@Controller('documents')
export class DocumentsController {
  constructor(private readonly documents: DocumentStore) {}

  @Post()
  @HttpCode(201)
  @ApiConsumes('application/octet-stream')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOperation({ summary: 'Keep a document, 100 MB at most; the answer has the SHA-256 by which it is attached' })
  keep(@Body() content: unknown, @CurrentActor() actor: Actor): Promise<{ sha256: string; size: number }> {
    authorise(actor, 'KeepDocument', DESK);
    if (!(content instanceof Readable)) {
      throw new InvalidRequest([
        { field: 'body', rule: 'format', message: 'the bytes of the document, as application/octet-stream' },
      ]);
    }
    return this.documents.keep(content);
  }

  @Get(':sha256')
  @ApiOperation({ summary: 'A document by its SHA-256; PDFs and pictures are shown, others are saved' })
  async read(
    @Param('sha256') sha256: string,
    @Query({ schema: options }) { name = sha256 }: z.infer<typeof options>,
    @Res() reply: Reply,
  ): Promise<void> {
    const document = isName(sha256) ? await this.documents.read(sha256) : undefined;
    if (!document) throw new NotFound('document', sha256);
    const first = await firstOf(document.content);
    const type = SHOWN.find(({ begins }) => first.subarray(0, begins.length).equals(begins))?.type;
    await reply
      .header('content-type', type ?? 'application/octet-stream')
      .header('content-length', document.size)
      .header('content-disposition', `${type ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(name)}`)
      .header('content-security-policy', NOTHING_RUNS)
      .header('x-frame-options', 'SAMEORIGIN')
      .header('cache-control', 'private, max-age=31536000, immutable')
      .header('etag', `"${sha256}"`)
      .send(document.content);
  }
}

/** The first bytes of a stream, which are still in it afterwards. */
async function firstOf(content: Readable): Promise<Buffer> {
  for await (const chunk of content.iterator({ destroyOnReturn: false })) {
    content.unshift(chunk);
    return chunk as Buffer;
  }
  return Buffer.alloc(0);
}
