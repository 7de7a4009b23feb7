export { OrganisationCommand } from './organisation.command.js';
export { organisationDecider, organisationEvents, organisationParticulars } from './organisation.js';
export { organisations } from './organisation.projection.js';
export { MentionOrganisations, type OrganisationMention } from './organisation.queries.js';
export { OrganisationsModule } from './organisations.module.js';
