export { organisationCommands, organisationParticulars } from './organisation.js';
export { organisations } from './organisation.projection.js';
export { MentionOrganisations, type OrganisationMention } from './organisation.queries.js';
export { OrganisationsModule, organisationsCapability } from './organisations.module.js';
