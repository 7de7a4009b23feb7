import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor } from '#event-sourcing';
import { ClockWatch, operationReason } from '#operations';
import { authorise } from '#roles';
import { CurrentActor } from '#web-api';

/** Where an administrator says that the clock is right, though the last recorded event lies after it. */
export const CLOCK_CONFIRMATION = '/api/v1/clock/confirmation';

const confirmation = z.strictObject({ reason: operationReason });

/** How the clock stands to the last recorded event. */
export interface ClockView {
  /** Why commands wait; null when they do not. */
  problem: string | null;
}

@ApiTags('operations')
@Controller('clock')
export class ClockController {
  constructor(private readonly watch: ClockWatch) {}

  @Get()
  @ApiOperation({ summary: 'Whether commands wait, because the clock stands before the last recorded event' })
  async get(): Promise<ClockView> {
    return { problem: (await this.watch.look())?.message ?? null };
  }

  @Post('confirmation')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say on record that the clock is right; commands are taken again' })
  async confirm(
    @Body({ schema: confirmation }) { reason }: z.infer<typeof confirmation>,
    @CurrentActor() actor: Actor,
  ): Promise<{ confirmed: boolean }> {
    authorise(actor, 'ConfirmClock', []);
    return { confirmed: await this.watch.confirm(reason, actor) };
  }
}
