export { ProjectCommand } from './project.command.js';
export { funding, milestonePlan, partner, projectEvents, projectParticulars } from './project.events.js';
export { projectDecider } from './project.js';
export { projects } from './project.projection.js';
export type { ProjectSummary, ProjectView } from './project.queries.js';
export { ProjectsModule } from './projects.module.js';
