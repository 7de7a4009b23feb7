import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type CommandEnvelope, Commands } from '#event-sourcing';
import { edtf, identifier } from '#values';
import {
  AtAnyMoment,
  answer,
  type CommandAnswer,
  Envelope,
  etag,
  momentOptions,
  type Page,
  type Reply,
} from '#web-api';
import { type ProjectCommand, projectCommands } from './project.commands.js';
import { funding, milestonePlan, partner, projectParticulars } from './project.events.js';
import {
  CountMilestones,
  DrawTimeline,
  GetProject,
  ListProjects,
  type MilestoneFigures,
  type ProjectSummary,
  type ProjectView,
  projectFilter,
} from './project.queries.js';

const proposal = projectParticulars.extend({ id: identifier, effectiveOn: edtf.optional() });
const { definitions } = projectCommands;
const start = definitions.StartProject.schema;
const completion = definitions.CompleteProject.schema;
const withReason = definitions.SuspendProject.schema;
const resumption = definitions.ResumeProject.schema;
const assignment = definitions.AssignOwner.schema;
const reaching = definitions.ReachMilestone.schema.omit({ milestone: true });
const rescheduling = definitions.RescheduleMilestone.schema.omit({ milestone: true });
const dropping = definitions.DropMilestone.schema.omit({ milestone: true });
const report = definitions.ReportProgress.schema;

@ApiTags('projects')
@Controller('projects')
export class ProjectsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @AtAnyMoment()
  @ApiOperation({ summary: 'Projects, filtered' })
  list(@Query({ schema: projectFilter }) filter: z.infer<typeof projectFilter>): Promise<Page<ProjectSummary>> {
    return this.queries.execute(new ListProjects(filter));
  }

  @Get('timeline')
  @AtAnyMoment()
  @ApiOperation({ summary: 'Projects with their phases and milestones, as a timeline draws them' })
  async timeline(
    @Query({ schema: projectFilter }) filter: z.infer<typeof projectFilter>,
  ): Promise<{ items: ProjectView[] }> {
    return { items: await this.queries.execute(new DrawTimeline(filter)) };
  }

  @Get('figures')
  @AtAnyMoment()
  @ApiOperation({ summary: 'How the milestones of all projects stand: in time, late, overdue, open' })
  figures(@Query({ schema: momentOptions }) _options: object): Promise<MilestoneFigures> {
    return this.queries.execute(new CountMilestones());
  }

  @Get(':id')
  @ApiOperation({
    summary:
      'One project, now, as known at `asOf` or as it was at `effectiveAt`, with partners, funding, phases and milestones',
  })
  async get(
    @Param('id') id: string,
    @Query({ schema: momentOptions }) { asOf, effectiveAt }: z.infer<typeof momentOptions>,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<ProjectView> {
    const project = await this.queries.execute(new GetProject(id, { asOf, effectiveAt }));
    void reply.header('etag', etag(project.revision));
    return project;
  }

  @Post()
  @ApiOperation({ summary: 'Propose a project' })
  propose(
    @Body({ schema: proposal }) { id, effectiveOn, ...particulars }: z.infer<typeof proposal>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'ProposeProject', particulars, effectiveOn }, envelope, reply);
  }

  @Post(':id/start')
  @ApiOperation({ summary: 'Record that it has started' })
  start(
    @Param('id') id: string,
    @Body({ schema: start }) body: z.infer<typeof start>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'StartProject', ...body }, envelope, reply);
  }

  @Post(':id/suspend')
  @ApiOperation({ summary: 'Suspend it, with the reason' })
  suspend(
    @Param('id') id: string,
    @Body({ schema: withReason }) body: z.infer<typeof withReason>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'SuspendProject', ...body }, envelope, reply);
  }

  @Post(':id/resume')
  @ApiOperation({ summary: 'Resume it' })
  resume(
    @Param('id') id: string,
    @Body({ schema: resumption }) body: z.infer<typeof resumption>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'ResumeProject', ...body }, envelope, reply);
  }

  @Post(':id/complete')
  @ApiOperation({ summary: 'Record that it is completed' })
  complete(
    @Param('id') id: string,
    @Body({ schema: completion }) body: z.infer<typeof completion>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'CompleteProject', ...body }, envelope, reply);
  }

  @Post(':id/cancel')
  @ApiOperation({ summary: 'Cancel it, with the reason' })
  cancel(
    @Param('id') id: string,
    @Body({ schema: withReason }) body: z.infer<typeof withReason>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'CancelProject', ...body }, envelope, reply);
  }

  @Post(':id/partners')
  @ApiOperation({ summary: 'Add a partner, or one still to be designated' })
  addPartner(
    @Param('id') id: string,
    @Body({ schema: partner }) body: z.infer<typeof partner>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'AddPartner', partner: body }, envelope, reply);
  }

  @Post(':id/funding')
  @ApiOperation({ summary: 'Record who pays, and how much where that is known' })
  fund(
    @Param('id') id: string,
    @Body({ schema: funding }) body: z.infer<typeof funding>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'CommitFunding', funding: body }, envelope, reply);
  }

  @Post(':id/milestones')
  @ApiOperation({ summary: 'Plan a milestone' })
  plan(
    @Param('id') id: string,
    @Body({ schema: milestonePlan }) body: z.infer<typeof milestonePlan>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'PlanMilestone', plan: body }, envelope, reply);
  }

  @Post(':id/milestones/:milestone/reach')
  @ApiOperation({ summary: 'Record that a milestone is reached' })
  reach(
    @Param('id') id: string,
    @Param('milestone') milestone: string,
    @Body({ schema: reaching }) body: z.infer<typeof reaching>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'ReachMilestone', milestone, ...body }, envelope, reply);
  }

  @Post(':id/milestones/:milestone/reschedule')
  @ApiOperation({ summary: 'Plan a milestone for another time, with the reason' })
  reschedule(
    @Param('id') id: string,
    @Param('milestone') milestone: string,
    @Body({ schema: rescheduling }) body: z.infer<typeof rescheduling>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'RescheduleMilestone', milestone, ...body }, envelope, reply);
  }

  @Post(':id/milestones/:milestone/drop')
  @ApiOperation({ summary: 'Give a milestone up, with the reason' })
  drop(
    @Param('id') id: string,
    @Param('milestone') milestone: string,
    @Body({ schema: dropping }) body: z.infer<typeof dropping>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'DropMilestone', milestone, ...body }, envelope, reply);
  }

  @Post(':id/owner')
  @ApiOperation({ summary: 'Make a member of staff responsible' })
  assign(
    @Param('id') id: string,
    @Body({ schema: assignment }) body: z.infer<typeof assignment>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'AssignOwner', ...body }, envelope, reply);
  }

  @Post(':id/progress')
  @ApiOperation({ summary: 'Add a progress report' })
  report(
    @Param('id') id: string,
    @Body({ schema: report }) body: z.infer<typeof report>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.send(id, { type: 'ReportProgress', ...body }, envelope, reply);
  }

  private async send(
    id: string,
    command: ProjectCommand,
    envelope: CommandEnvelope,
    reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.commands.send(projectCommands, id, command, envelope));
  }
}
