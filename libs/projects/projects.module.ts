import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { projectEvents } from './project.events.js';
import { projectDecider } from './project.js';
import { projects } from './project.projection.js';
import {
  CountMilestonesHandler,
  DrawTimelineHandler,
  GetProjectHandler,
  ListProjectsHandler,
  MentionProjectsHandler,
} from './project.queries.js';
import { ProjectsController } from './projects.controller.js';

export const projectsCapability: Capability = {
  events: { project: projectEvents },
  deciders: [projectDecider],
  readModels: [projects],
};

@Module({
  controllers: [ProjectsController],
  providers: [
    ListProjectsHandler,
    DrawTimelineHandler,
    CountMilestonesHandler,
    GetProjectHandler,
    MentionProjectsHandler,
  ],
})
export class ProjectsModule {}
