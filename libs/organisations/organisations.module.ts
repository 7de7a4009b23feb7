import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { organisationDecider, organisationEvents } from './organisation.js';
import { organisations } from './organisation.projection.js';
import {
  GetOrganisationHandler,
  ListOrganisationsHandler,
  MentionOrganisationsHandler,
} from './organisation.queries.js';
import { OrganisationsController } from './organisations.controller.js';

export const organisationsCapability: Capability = {
  events: { organisation: organisationEvents },
  deciders: [organisationDecider],
  readModels: [organisations],
};

@Module({
  controllers: [OrganisationsController],
  providers: [ListOrganisationsHandler, GetOrganisationHandler, MentionOrganisationsHandler],
})
export class OrganisationsModule {}
