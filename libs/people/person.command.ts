import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandOutcome, Repository } from '#event-sourcing';
import { authorise, DESK, SubjectCommand } from '#web-api';
import { type PersonCommandBody, personDecider } from './person.js';

export class PersonCommand extends SubjectCommand<PersonCommandBody> {}

@CommandHandler(PersonCommand)
export class PersonCommandHandler implements ICommandHandler<PersonCommand> {
  constructor(private readonly repository: Repository) {}

  execute({ subject, body, envelope }: PersonCommand): Promise<CommandOutcome> {
    authorise(envelope.actor, body.type, DESK);
    return this.repository.execute(personDecider, subject, body, envelope);
  }
}
