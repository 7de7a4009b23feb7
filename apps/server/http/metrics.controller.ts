import { Controller, Get, Header, type OnModuleInit, VERSION_NEUTRAL } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { Public } from '#access';
import { LongestStall, workersAtWork } from '#workers';

/** How many requests were answered, by the hundreds of their status; the last is those whose client left. */
type Answered = Record<'2xx' | '3xx' | '4xx' | '5xx' | 'left', number>;

/** What a monitor asks for, in the text format of Prometheus. */
@ApiTags('health')
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController implements OnModuleInit {
  private readonly stalls = new LongestStall();
  private readonly answered: Answered = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, left: 0 };
  private longestEver = 0;

  constructor(private readonly http: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.http.httpAdapter?.getInstance<FastifyInstance>();
    fastify?.addHook('onRequest', async (_request, { raw }) => {
      raw.once('close', () => {
        const kind = raw.writableFinished ? `${Math.floor(raw.statusCode / 100)}xx` : 'left';
        if (kind in this.answered) this.answered[kind as keyof Answered]++;
      });
    });
  }

  @Get()
  @Public()
  @ApiProduces('text/plain')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary:
      'Measures of the process for Prometheus: how late the event loop is, requests, memory, work in worker threads',
  })
  metrics(): string {
    const { longest, p99, utilisation } = this.stalls.read(true);
    this.longestEver = Math.max(this.longestEver, longest);
    const { rss, heapUsed, external } = process.memoryUsage();
    return [
      gauge('event_loop_longest_stall_seconds', 'The longest stall since this was asked last.', longest / 1_000),
      gauge('event_loop_longest_stall_ever_seconds', 'The longest stall that was told.', this.longestEver / 1_000),
      gauge('event_loop_delay_p99_seconds', 'By how much it was late in 99 of 100 cases.', p99 / 1_000),
      gauge('event_loop_utilisation_ratio', 'The share of the time in which it was busy.', utilisation),
      gauge('workers_at_work', 'Pieces of costly work under way, or waiting for their turn.', workersAtWork()),
      gauge('resident_memory_bytes', 'Memory of the process.', rss),
      gauge('heap_used_bytes', 'Memory of JavaScript.', heapUsed),
      gauge('external_memory_bytes', 'Memory of buffers.', external),
      described('http_requests_total', 'Requests answered; left: their client did not wait.', 'counter'),
      ...Object.entries(this.answered).map(
        ([status, count]) => `paraphe_http_requests_total{status="${status}"} ${count}`,
      ),
      '',
    ].join('\n');
  }
}

const described = (name: string, help: string, type: 'gauge' | 'counter') =>
  `# HELP paraphe_${name} ${help}\n# TYPE paraphe_${name} ${type}`;

const gauge = (name: string, help: string, value: number) =>
  `${described(name, help, 'gauge')}\nparaphe_${name} ${Number(value.toFixed(6))}`;
