import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Actor, type Clock, type CommandEnvelope, NotFound, Refusal, Repository } from '#event-sourcing';
import { definitionJsonSchema, type LifecycleDefinition, Lifecycles } from '#lifecycle';
import {
  answer,
  authorise,
  CLOCK,
  type CommandAnswer,
  CurrentActor,
  Envelope,
  InvalidRequest,
  type Reply,
} from '#web-api';
import { CATALOGUE, catalogueDecider, type DefinitionEvent } from './catalogue.js';
import { learn } from './loading.js';
import { type MigrationFate, Migrations } from './migration.js';
import { type DefinitionDefect, readDefinition } from './read-definition.js';
import { type TrialReport, Trials } from './trial.js';

/** A lifecycle as lists show it: its latest version, and whether new agreements come under it. */
export interface LifecycleView {
  id: string;
  version: number;
  isCurrent: boolean;
  definition: LifecycleDefinition;
}

/** Thrown when a definition is published that has defects; lists all of them. */
export class DefinitionRefused extends Refusal {
  readonly code = 'LIFECYCLE.DEFECTS';
  override readonly status = 422;
  override readonly details: Record<string, unknown>;
  constructor(defects: DefinitionDefect[]) {
    super(
      `The definition has ${defects.length} defect(s). ${defects.map(({ line, place, message }) => `Line ${line}, ${place}: ${message}.`).join(' ')}`,
    );
    this.details = { defects };
  }
}

const publication = z.strictObject({ note: z.string().max(2000).optional() });
const retirement = z.strictObject({ reason: z.string().trim().min(1).max(2000) });
const migration = z.strictObject({
  toVersion: z.int().min(0),
  agreements: z.array(z.string().min(1).max(200)).min(1).max(10_000).optional(),
  stages: z.record(z.string(), z.string()).optional(),
  reason: z.string().trim().min(1).max(2000),
});
const rehearsal = z.strictObject({ dryRun: z.stringbool().default(false) });

@ApiTags('lifecycles')
@Controller('lifecycles')
export class DefinitionsController {
  constructor(
    private readonly lifecycles: Lifecycles,
    private readonly repository: Repository,
    private readonly migrations: Migrations,
    private readonly trials: Trials,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Every version of every lifecycle, retired ones included' })
  list(): { items: LifecycleView[] } {
    const items = this.lifecycles
      .all()
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
    summary: 'Check a definition; the answer lists every defect with its line, its place and a suggestion',
  })
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A lifecycle definition' })
  check(@Body() text: unknown): { defects: DefinitionDefect[] } {
    return { defects: readDefinition(textFrom(text)).defects };
  }

  @Post('what-if')
  @HttpCode(200)
  @ApiOperation({
    summary:
      'Try a definition on the real histories: who would have been stopped where, and reminded; nothing is stored',
  })
  @ApiConsumes('application/yaml')
  @ApiBody({ schema: { type: 'string' }, description: 'A lifecycle definition' })
  whatIf(@Body() text: unknown, @CurrentActor() actor: Actor): Promise<TrialReport> {
    authorise(actor, 'TryLifecycle', ['officer', 'approver', 'auditor']);
    const read = readDefinition(textFrom(text));
    if (!('definition' in read)) throw new DefinitionRefused(read.defects);
    return this.trials.run(read.definition);
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
    const read = readDefinition(textFrom(text));
    if (!('definition' in read)) throw new DefinitionRefused(read.defects);
    if (read.definition.id !== id) {
      throw new InvalidRequest([
        {
          field: 'id',
          rule: 'equal',
          message: `the definition's id is '${read.definition.id}', the address says '${id}'`,
        },
      ]);
    }
    const command = { type: 'PublishLifecycle' as const, definition: read.definition, ...(note && { note }) };
    const outcome = await this.repository.execute(catalogueDecider, CATALOGUE, command, envelope);
    for (const event of outcome.events) learn(this.lifecycles, event as DefinitionEvent);
    return { ...answer(reply, id, outcome), version: this.lifecycles.latest(id)?.version ?? 0 };
  }

  @Post(':id/retire')
  @ApiOperation({ summary: 'Let no new agreement come under it; it stays readable, and those under it stay' })
  async retire(
    @Param('id') id: string,
    @Body({ schema: retirement }) { reason }: z.infer<typeof retirement>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    authorise(envelope.actor, 'RetireLifecycle', []);
    const command = { type: 'RetireLifecycle' as const, lifecycle: id, reason };
    const outcome = await this.repository.execute(catalogueDecider, CATALOGUE, command, envelope);
    for (const event of outcome.events) learn(this.lifecycles, event as DefinitionEvent);
    return answer(reply, id, outcome);
  }

  @Post(':id/migrations')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Put agreements under another version, or, with `dryRun=true`, say what that would do to each',
  })
  async migrate(
    @Param('id') id: string,
    @Body({ schema: migration }) { toVersion, agreements, stages, reason }: z.infer<typeof migration>,
    @Query({ schema: rehearsal }) { dryRun }: z.infer<typeof rehearsal>,
    @CurrentActor() actor: Actor,
    @Envelope() envelope: CommandEnvelope,
  ): Promise<{ items: MigrationFate[] }> {
    authorise(actor, 'MigrateAgreement', []);
    const to = { id, version: toVersion };
    if (!this.lifecycles.has(to)) throw new NotFound('lifecycle', `${id}, version ${toVersion}`);
    const plan = { to, reason, ...(agreements && { agreements }), ...(stages && { stages }) };
    const items = await this.migrations.run(plan, envelope, { today: this.clock.today(), dryRun });
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
