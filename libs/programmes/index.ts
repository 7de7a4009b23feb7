export { ProgrammeCommand } from './programme.command.js';
export { programmeDecider, programmeEvents, programmeParticulars } from './programme.js';
export { programmes } from './programme.projection.js';
export { ListProgrammes, type ProgrammeView } from './programme.queries.js';
export { ProgrammesModule } from './programmes.module.js';
