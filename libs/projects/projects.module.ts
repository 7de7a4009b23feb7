import { Module } from '@nestjs/common';
import { ProjectCommandHandler } from './project.command.js';
import {
  CountMilestonesHandler,
  DrawTimelineHandler,
  GetProjectHandler,
  ListProjectsHandler,
  MentionProjectsHandler,
} from './project.queries.js';
import { ProjectsController } from './projects.controller.js';

@Module({
  controllers: [ProjectsController],
  providers: [
    ProjectCommandHandler,
    ListProjectsHandler,
    DrawTimelineHandler,
    CountMilestonesHandler,
    GetProjectHandler,
    MentionProjectsHandler,
  ],
})
export class ProjectsModule {}
