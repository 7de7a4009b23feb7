import { Body, Controller, Get, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Actor, CommandEnvelope } from '#event-sourcing';
import { definitionJsonSchema, type LifecycleDefinition, Lifecycles } from '#lifecycle';
import { authorise } from '#roles';
import { line, reference, text } from '#values';
import {
  answer,
  type CommandAnswer,
  CurrentActor,
  Envelope,
  InvalidRequest,
  type Reply,
  UntilClientLeaves,
} from '#web-api';
import { lifecycleCommands } from './catalogue.js';
import { type MigrationFate, type MigrationPlan, Migrations } from './migration.js';
import { Publishing } from './publishing.js';
import type { DefinitionDefect } from './read-definition.js';
import { readElsewhere, soundElsewhere } from './reading-elsewhere.js';
import { type TrialReport, Trials } from './trial.js';

/** A lifecycle as lists show it: its latest version, and whether new agreements come under it. */
export interface LifecycleView {
  id: string;
  version: number;
  isCurrent: boolean;
  definition: LifecycleDefinition;
}

const publication = lifecycleCommands.definitions.PublishLifecycle.schema.pick({ note: true });
const retirement = lifecycleCommands.definitions.RetireLifecycle.schema.omit({ lifecycle: true });
const migration = z.strictObject({
  toVersion: z.int().min(0),
  agreements: z.array(reference('agreement')).min(1).max(10_000).optional(),
  /** Those that stay where they are, and why. */
  declined: z
    .array(z.strictObject({ agreement: reference('agreement'), reason: text(2000) }))
    .max(10_000)
    .optional(),
  stages: z.record(line(100), line(100)).optional(),
  reason: text(2000),
});
const rehearsal = z.strictObject({ dryRun: z.stringbool().default(false) });

@ApiTags('lifecycles')
@Controller('lifecycles')
export class DefinitionsController {
  constructor(
    private readonly lifecycles: Lifecycles,
    private readonly publishing: Publishing,
    private readonly migrations: Migrations,
    private readonly trials: Trials,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Every version of every lifecycle, retired ones included' })
  list(): { items: LifecycleView[] } {
    const all = this.lifecycles.all();
    const items = all
      // The one built in speaks for logs in which none was ever published.
      .filter(({ version }) => version > 0 || all.length === 1)
      .map(({ id, version, isCurrent, lifecycle }) => ({ id, version, isCurrent, definition: lifecycle.definition }));
    return { items };
  }

  @Get('schema')
  @ApiOperation({ summary: 'The JSON Schema of a definition, for editors' })
  schema(): object {
    return definitionJsonSchema();
  }

  @Post('check')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Check a definition; the answer lists every defect with its line, its place and a suggestion, or has the definition',
  })
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A lifecycle definition' })
  check(
    @Body() text: unknown,
    @UntilClientLeaves() signal: AbortSignal,
  ): Promise<{ defects: DefinitionDefect[]; definition?: LifecycleDefinition }> {
    return readElsewhere(textFrom(text), signal);
  }

  @Post('what-if')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Try a definition on the real histories: who would have been stopped where, and reminded; nothing is stored',
  })
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A lifecycle definition' })
  async whatIf(
    @Body() text: unknown,
    @CurrentActor() actor: Actor,
    @UntilClientLeaves() signal: AbortSignal,
  ): Promise<TrialReport> {
    authorise(actor, 'TryLifecycle', ['officer', 'approver', 'auditor']);
    return this.trials.run(await soundElsewhere(textFrom(text), signal), signal);
  }

  @Put(':id')
  @ApiOperation({ summary: 'Publish a definition as a new version; agreements under way stay under theirs' })
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A lifecycle definition' })
  async publish(
    @Param('id') id: string,
    @Body() text: unknown,
    @Query({ schema: publication }) { note }: z.infer<typeof publication>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer & { version: number }> {
    authorise(envelope.actor, 'PublishLifecycle', []);
    const { version, ...outcome } = await this.publishing.publish(await soundElsewhere(textFrom(text)), envelope, {
      id,
      note,
    });
    return { ...answer(reply, id, outcome), version };
  }

  @Post(':id/retire')
  @ApiOperation({ summary: 'Let no new agreement come under it; it stays readable, and those under it stay' })
  async retire(
    @Param('id') id: string,
    @Body({ schema: retirement }) { reason }: z.infer<typeof retirement>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.publishing.retire(id, reason, envelope));
  }

  @Post(':id/migrations')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Put agreements under another version, or, with `dryRun=true`, say what that would do to each',
  })
  async migrate(
    @Param('id') id: string,
    @Body({ schema: migration }) { toVersion, ...rest }: z.infer<typeof migration>,
    @Query({ schema: rehearsal }) { dryRun }: z.infer<typeof rehearsal>,
    @CurrentActor() actor: Actor,
    @Envelope() envelope: CommandEnvelope,
  ): Promise<{ items: MigrationFate[] }> {
    authorise(actor, 'MigrateAgreement', []);
    const plan = { to: { id, version: toVersion }, ...rest } as MigrationPlan;
    const items = await this.migrations.run(plan, envelope, dryRun);
    return { items };
  }
}

function textFrom(body: unknown): string {
  if (typeof body === 'string') return body;
  throw new InvalidRequest(
    [{ field: 'Content-Type', rule: 'media-type', message: 'send the definition as application/yaml' }],
    415,
  );
}
