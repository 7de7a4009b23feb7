import { Readable } from 'node:stream';
import { Controller, Get, Header, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Actor, EventStore, NotFound } from '#event-sourcing';
import { authorise, type Role } from '#roles';
import { formatCheckpoint, formatVerifierKey, type SignedCheckpoint, TransparencyLog } from '#transparency';
import { day, language, searchWords } from '#values';
import { CurrentActor, endOfMoment, InvalidRequest, type Reply, readOptions, UntilClientLeaves } from '#web-api';
import { Evidence, type Matter } from './evidence.js';

const AUDITORS: readonly Role[] = ['auditor'];
const size = z.coerce.number().int().min(0);
const inclusion = z.strictObject({
  ...readOptions,
  /** The event's position in the log, as a history has it. */
  position: z.string().regex(/^\d{1,20}$/, 'the position of an event, as a history has it'),
  size: size.optional(),
});
const consistency = z.strictObject({ ...readOptions, from: size.min(1), to: size.optional() });
const bundleOptions = z
  .strictObject({
    ...readOptions,
    agreement: searchWords(100).optional(),
    project: searchWords(100).optional(),
    from: day.optional(),
    until: day.optional(),
    since: size.optional(),
    language: language.default('fr'),
  })
  .refine(
    ({ agreement, project, from, until }) => [agreement, project, from && until].filter(Boolean).length === 1,
    'name one of agreement, project, or from and until',
  );
const tileOptions = z.strictObject({ ...readOptions, width: z.coerce.number().int().min(1).max(256).optional() });

/** A signed head of the log. */
export interface CheckpointView {
  origin: string;
  /** How many events it covers. */
  size: number;
  /** The root of the tree, in base64. */
  root: string;
  /** The whole of it as a C2SP checkpoint. */
  note: string;
  /** The public keys that signed it, in the form in which C2SP tools take them. */
  keys: string[];
}

/** How the proofs stand. */
export interface ProofsView {
  /** How many events the tree holds now. */
  size: number;
  checkpoint: CheckpointView;
  /** What of the log does not fit what was signed before; empty in a sound one. */
  problems: string[];
}

/** What proves that an event stands in the log at its place (RFC 9162, section 2.1.3). Hashes are in base64. */
export interface InclusionView {
  index: number;
  leaf: string;
  proof: string[];
  checkpoint: CheckpointView;
}

/** What proves that the log only grew (RFC 9162, section 2.1.4). Hashes are in base64. */
export interface ConsistencyView {
  from: number;
  to: number;
  proof: string[];
}

@ApiTags('audit')
@Controller('audit')
export class ProofsController {
  constructor(
    private readonly transparency: TransparencyLog,
    private readonly evidence: Evidence,
    private readonly eventStore: EventStore,
  ) {}

  @Get('proofs')
  @ApiOperation({ summary: 'How the proofs stand: the tree over the log, its last signed head, and what does not fit' })
  async proofs(): Promise<ProofsView> {
    const tree = await this.transparency.current();
    const last = this.transparency.checkpoints().at(-1) ?? (await this.transparency.sign());
    return { size: tree.size, checkpoint: viewOf(last), problems: await this.transparency.problems() };
  }

  @Get('checkpoint')
  @ApiProduces('text/plain')
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiOperation({ summary: 'The last signed head of the log, as a C2SP checkpoint' })
  async checkpoint(): Promise<string> {
    const last = this.transparency.checkpoints().at(-1) ?? (await this.transparency.sign());
    return formatCheckpoint(last.checkpoint);
  }

  @Post('checkpoint')
  @ApiOperation({ summary: 'Sign the head of the log now, where something has happened since it was signed last' })
  async sign(@CurrentActor() actor: Actor): Promise<CheckpointView> {
    authorise(actor, 'SignCheckpoint', AUDITORS);
    return viewOf(await this.transparency.sign());
  }

  @Get('checkpoints')
  @ApiOperation({ summary: 'The latest thousand signed heads of the log, the latest first' })
  checkpoints(): { items: CheckpointView[] } {
    return { items: this.transparency.checkpoints().slice(-1_000).reverse().map(viewOf) };
  }

  @Get('proofs/inclusion')
  @ApiOperation({
    summary: 'What proves that an event stands in the log, against the last checkpoint or one of another size',
  })
  async inclusion(@Query({ schema: inclusion }) asked: z.infer<typeof inclusion>): Promise<InclusionView> {
    const position = await this.eventStore.positionGiven(asked.position, 'position');
    const tree = await this.transparency.current();
    const index = tree.indexOf(position);
    if (index === undefined) throw new NotFound('event', asked.position);
    const signed = asked.size === undefined ? await this.transparency.covering(position) : this.ofSize(asked.size);
    if (index >= signed.checkpoint.size) throw wrong('size', `must be above ${index} for this event`);
    const proof = tree.inclusion(index, signed.checkpoint.size).map((hash) => hash.toString('base64'));
    return { index, leaf: tree.leaf(index).toString('base64'), proof, checkpoint: viewOf(signed) };
  }

  @Get('proofs/consistency')
  @ApiOperation({ summary: 'What proves that the log of one size is the beginning of the log of another' })
  async consistency(@Query({ schema: consistency }) asked: z.infer<typeof consistency>): Promise<ConsistencyView> {
    const tree = await this.transparency.current();
    const { from, to = this.transparency.checkpoints().at(-1)?.checkpoint.size ?? tree.size } = asked;
    if (to > tree.size) throw wrong('to', `must be ${tree.size} at most, the size of the log`);
    if (from > to) throw wrong('from', `must not be above ${to}`);
    return { from, to, proof: tree.consistency(from, to).map((hash) => hash.toString('base64')) };
  }

  @Get('tiles/:level/:index')
  @ApiProduces('application/octet-stream')
  @ApiOperation({ summary: 'Hashes of the tree, 256 at a time (C2SP tlog-tiles), for monitors' })
  async tile(
    @Param('level') level: string,
    @Param('index') index: string,
    @Query({ schema: tileOptions }) { width }: z.infer<typeof tileOptions>,
    @Res() reply: Reply,
  ): Promise<void> {
    const isNumber = /^\d{1,12}$/.test(level) && /^\d{1,12}$/.test(index);
    const tile = isNumber ? (await this.transparency.current()).tile(Number(level), Number(index), width) : undefined;
    if (!tile) throw new NotFound('tile', `${level}/${index}`);
    await reply.header('content-type', 'application/octet-stream').send(tile);
  }

  @Get('bundle')
  @ApiProduces('application/zip')
  @ApiOperation({
    summary:
      'What was recorded of an agreement, a project or a period, with what proves it, in one ZIP; `since` also proves that the log only grew',
  })
  async bundle(
    @Query({ schema: bundleOptions }) asked: z.infer<typeof bundleOptions>,
    @CurrentActor() actor: Actor,
    @UntilClientLeaves() signal: AbortSignal,
    @Res() reply: Reply,
  ): Promise<void> {
    authorise(actor, 'MakeBundle', AUDITORS);
    const matter = matterOf(asked);
    const chunks = await this.evidence.bundle({ matter, actor, since: asked.since, language: asked.language, signal });
    const name = matter.kind === 'period' ? `${matter.from.slice(0, 10)}-${matter.until.slice(0, 10)}` : matter.id;
    await reply
      .header('content-type', 'application/zip')
      .header('content-disposition', `attachment; filename="paraphe-${name}.zip"`)
      .send(Readable.from(chunks));
  }

  private ofSize(wanted: number): SignedCheckpoint {
    const found = this.transparency.checkpoints().find(({ checkpoint }) => checkpoint.size === wanted);
    if (!found) throw wrong('size', 'must be the size of a checkpoint that was signed');
    return found;
  }
}

function matterOf({ agreement, project, from, until }: z.infer<typeof bundleOptions>): Matter {
  if (agreement !== undefined) return { kind: 'agreement', id: agreement };
  if (project !== undefined) return { kind: 'project', id: project };
  return { kind: 'period', from: `${from}T00:00:00.000Z`, until: endOfMoment(until!) };
}

const wrong = (field: string, message: string) => new InvalidRequest([{ field, rule: 'range', message }]);

function viewOf({ checkpoint, keys }: SignedCheckpoint): CheckpointView {
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: checkpoint.root.toString('base64'),
    note: formatCheckpoint(checkpoint),
    keys: keys.map(formatVerifierKey),
  };
}
