import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from '#event-sourcing';
import { ConsumerDesk, type ConsumerView, operationReason, type ParkedView } from '#operations';
import { authorise } from '#roles';
import { line } from '#values';
import { CurrentActor } from '#web-api';

const retry = z.strictObject({ consumer: line(200).optional(), stream: line(1_024).optional() });
const skip = z.strictObject({ consumer: line(200), stream: line(1_024), reason: operationReason });
const acknowledgement = z.strictObject({ from: z.enum(['end', 'beginning']), reason: operationReason });

@ApiTags('operations')
@Controller('consumers')
export class ConsumersController {
  constructor(private readonly desk: ConsumerDesk) {}

  @Get()
  @ApiOperation({
    summary: 'Those who follow the log: how each is doing, and what it has set aside, since when and why',
  })
  async list(@CurrentActor() actor: Actor): Promise<{ items: ConsumerView[] }> {
    authorise(actor, 'SeeConsumers', []);
    return { items: await this.desk.list() };
  }

  @Post('retry')
  @HttpCode(200)
  @ApiOperation({ summary: 'Have what is set aside tried again: of a stream, of a consumer, or all of it' })
  async retry(
    @Body({ schema: retry }) { consumer, stream }: z.infer<typeof retry>,
    @CurrentActor() actor: Actor,
  ): Promise<{ streams: number }> {
    authorise(actor, 'RetryParkedEvents', []);
    return { streams: await this.desk.retry(consumer, stream) };
  }

  @Post('skip')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Have a consumer do without the event at which a stream is held up; the reason is on record',
  })
  skip(@Body({ schema: skip }) body: z.infer<typeof skip>, @CurrentActor() actor: Actor): Promise<ParkedView> {
    authorise(actor, 'SkipEvent', []);
    return this.desk.skip(body.consumer, body.stream, body.reason, actor);
  }

  @Post('acknowledge-log')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Say on record that the log that is there is the right one, though what acts outward has followed another',
  })
  async acknowledge(
    @Body({ schema: acknowledgement }) { from, reason }: z.infer<typeof acknowledgement>,
    @CurrentActor() actor: Actor,
  ): Promise<{ consumers: string[] }> {
    authorise(actor, 'AcknowledgeLog', []);
    return { consumers: await this.desk.acknowledgeLog(from, reason, actor) };
  }
}
