import { Controller, Get, Header, Inject, Logger, type OnModuleDestroy, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { EventStore, type Position } from '#event-sourcing';
import { searchWords } from '#values';
import { type Reply, type Request, separated } from '#web-api';
import { asyncApiDocument, type CatalogueEntry, catalogueOf } from './catalogue.js';
import { type ChangeFilter, Changes, INSTANCE_URL } from './changes.js';
import type { CloudEvent } from './cloud-event.js';

/** As a client names the beginning of the log: nothing lies before it. */
const BEGINNING = '0';
const position = z.union([z.literal('beginning'), z.string().regex(/^\d{1,20}$/, 'a position of the log')]);
const filter = {
  types: separated(z.array(z.string().regex(/^[a-z0-9_.-]+\*?$/)).min(1), 4_000).meta({
    description:
      'Only these types of the catalogue, separated by commas; an asterisk stands for any ending: paraphe.agreement.*',
  }),
  subject: searchWords(220).optional().meta({ description: 'Only what is about this, as agreement/sn-migration' }),
};
const options = z.strictObject({
  ...filter,
  after: position
    .optional()
    .meta({ description: 'After which position; from now on when left out. `Last-Event-ID` goes before it' }),
});
const batchOptions = z.strictObject({
  ...filter,
  after: position.default(BEGINNING).meta({ description: 'After which position; from the beginning when left out' }),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
/** Proxies close connections on which nothing is said for a minute. */
const HEARTBEAT_MS = 25_000;

@ApiTags('changes')
@Controller()
export class ChangeFeedController implements OnModuleDestroy {
  private readonly log = new Logger('Change feed');
  private readonly closing = new AbortController();

  constructor(
    private readonly changes: Changes,
    private readonly eventStore: EventStore,
    @Inject(INSTANCE_URL) private readonly url: string,
  ) {}

  /** Feeds never end by themselves: they are ended before the server waits for its requests. */
  onModuleDestroy(): void {
    this.closing.abort();
  }

  @Get('feed')
  @ApiOperation({
    summary:
      'Changes as CloudEvents over server-sent events, from a position on; `Last-Event-ID` goes on after an interruption',
  })
  async follow(
    @Query({ schema: options }) { after, ...wanted }: z.infer<typeof options>,
    @Req() request: Request,
    @Res() reply: Reply,
  ): Promise<void> {
    const signal = this.untilGone(reply);
    const seen = request.headers['last-event-id'];
    const from =
      typeof seen === 'string' && seen !== ''
        ? await this.given(seen, 'Last-Event-ID')
        : after === undefined
          ? await this.changes.head()
          : await this.given(after, 'after');
    if (signal.aborted) return;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(': open\n\n');
    const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
    try {
      for await (const batch of this.changes.follow(wanted, from, signal)) {
        if (batch.changes.length === 0) continue;
        const text = batch.changes
          .map((change) => `id: ${change.position}\ndata: ${JSON.stringify(change)}\n\n`)
          .join('');
        // Who reads slowly is waited for: nothing piles up here.
        if (!raw.write(text)) await drained(raw, signal);
      }
    } catch (error) {
      // The answer has begun: whoever listens comes again, with the last position that was told.
      if (!signal.aborted) this.log.warn(`A feed ended: ${error instanceof Error ? error.message : error}`);
    } finally {
      clearInterval(heartbeat);
      raw.end();
    }
  }

  @Get('changes')
  @Header('content-type', 'application/cloudevents-batch+json; charset=utf-8')
  @ApiOperation({
    summary:
      'Some changes after a position as CloudEvents, for programs that ask from time to time; `next` stands in a header',
  })
  async batch(
    @Query({ schema: batchOptions }) { after, limit, ...wanted }: z.infer<typeof batchOptions>,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CloudEvent[]> {
    const from = await this.given(after, 'after');
    const { changes, next } = await this.some(wanted, from, limit, this.untilGone(reply));
    void reply.header('x-next-position', next === undefined ? BEGINNING : String(next));
    return changes;
  }

  @Get('events')
  @ApiOperation({ summary: 'The catalogue: every type of change that is told, with the schema of its data' })
  catalogue(): { items: CatalogueEntry[] } {
    return { items: catalogueOf(this.eventStore.codec) };
  }

  @Get('events/asyncapi.json')
  @ApiOperation({ summary: 'The catalogue as an AsyncAPI 3.0 document' })
  asyncApi(): Record<string, unknown> {
    return asyncApiDocument(this.eventStore.codec, this.url);
  }

  /** @throws PositionUnknown when it never was, or lies past the end */
  private async given(text: string, field: string): Promise<Position | undefined> {
    return text === 'beginning' || text === BEGINNING ? undefined : this.eventStore.positionGiven(text, field);
  }

  /** Says stop when the client has left, the answer is complete, or the server ends. */
  private untilGone({ raw }: Reply): AbortSignal {
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    if (raw.destroyed || raw.socket?.destroyed) gone.abort();
    return AbortSignal.any([gone.signal, this.closing.signal]);
  }

  private async some(wanted: ChangeFilter, after: Position | undefined, limit: number, signal: AbortSignal) {
    const changes: CloudEvent[] = [];
    for await (const batch of this.changes.follow(wanted, after, signal)) {
      changes.push(...batch.changes);
      if (changes.length >= limit) return { changes: changes.slice(0, limit), next: changes[limit - 1]!.position };
      if (batch.caughtUp) return { changes, next: batch.position };
    }
    return { changes, next: after };
  }
}

const drained = (stream: NodeJS.WritableStream, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    stream.once('drain', done);
    signal.addEventListener('abort', done);
  });
