export { programmeCommands, programmeParticulars } from './programme.js';
export { programmes } from './programme.projection.js';
export { ListProgrammes, type ProgrammeView } from './programme.queries.js';
export { ProgrammesModule, programmesCapability } from './programmes.module.js';
