export { type ProjectCommand, projectCommands } from './project.commands.js';
export { funding, partner, projectEvents, projectParticulars, toldMilestone } from './project.events.js';
export { type MilestoneRow, type ProjectRow, projects } from './project.projection.js';
export { MentionProjects, type MilestoneFigures, type ProjectSummary, type ProjectView } from './project.queries.js';
export { projectEventsAt } from './project-at.js';
export { ProjectsModule, projectsCapability } from './projects.module.js';
