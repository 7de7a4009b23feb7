import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandOutcome, Repository } from '#event-sourcing';
import { authorise, DESK, SubjectCommand } from '#web-api';
import { type OrganisationCommandBody, organisationDecider } from './organisation.js';

export class OrganisationCommand extends SubjectCommand<OrganisationCommandBody> {}

@CommandHandler(OrganisationCommand)
export class OrganisationCommandHandler implements ICommandHandler<OrganisationCommand> {
  constructor(private readonly repository: Repository) {}

  execute({ subject, body, envelope }: OrganisationCommand): Promise<CommandOutcome> {
    authorise(envelope.actor, body.type, DESK);
    return this.repository.execute(organisationDecider, subject, body, envelope);
  }
}
