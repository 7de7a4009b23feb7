import { Controller, Get, type OnApplicationShutdown, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { EventStore, LogFeed } from '#event-sourcing';
import { Projector } from '#read-store';
import type { Reply, Request } from '#web-api';

const options = z.strictObject({
  /** From which position on; from now on when left out. */
  after: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
});
/** What no page shows: credentials, and what the system notes for itself. */
const UNTOLD = new Set(['credential', 'login', 'webhook', 'attempt', 'checkpoint']);
/** Proxies close connections on which nothing is said for a minute. */
const HEARTBEAT_MS = 25_000;
const MOST_WAIT_MS = 10_000;

/** Tells browsers, as it happens, what changed (server-sent events). What is told is in the read models already. */
@ApiTags('history')
@Controller('feed')
export class FeedController implements OnApplicationShutdown {
  private readonly closing = new AbortController();

  constructor(
    private readonly feed: LogFeed,
    private readonly eventStore: EventStore,
    private readonly projector: Projector,
  ) {}

  onApplicationShutdown(): void {
    this.closing.abort();
  }

  @Get()
  @ApiOperation({
    summary: 'Server-sent events: what changed, from a position on; `Last-Event-ID` goes on after an interruption',
  })
  async follow(
    @Query({ schema: options }) { after }: z.infer<typeof options>,
    @Req() request: Request,
    @Res() reply: Reply,
  ): Promise<void> {
    const seen = request.headers['last-event-id'] ?? after;
    const from = seen === undefined ? await this.eventStore.head() : BigInt(String(seen));
    const gone = new AbortController();
    request.raw.on('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, this.closing.signal]);
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
      for await (const { events } of this.feed.follow({ signal, after: from })) {
        const shown = events.filter(({ category }) => !UNTOLD.has(category) && !category.startsWith('policy_'));
        if (shown.length === 0) continue;
        await this.projector.waitFor(shown.at(-1)!.position, MOST_WAIT_MS);
        for (const { position, category, subject, type, metadata } of shown) {
          const data = { position: String(position), category, subject, type, actor: metadata.actor.id };
          raw.write(`id: ${position}\ndata: ${JSON.stringify(data)}\n\n`);
        }
      }
    } finally {
      clearInterval(heartbeat);
      raw.end();
    }
  }
}
