import { Module } from '@nestjs/common';
import { OrganisationCommandHandler } from './organisation.command.js';
import {
  GetOrganisationHandler,
  ListOrganisationsHandler,
  MentionOrganisationsHandler,
} from './organisation.queries.js';
import { OrganisationsController } from './organisations.controller.js';

@Module({
  controllers: [OrganisationsController],
  providers: [
    OrganisationCommandHandler,
    ListOrganisationsHandler,
    GetOrganisationHandler,
    MentionOrganisationsHandler,
  ],
})
export class OrganisationsModule {}
