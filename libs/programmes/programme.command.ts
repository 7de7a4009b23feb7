import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandOutcome, Repository } from '#event-sourcing';
import { authorise, DESK, SubjectCommand } from '#web-api';
import { type ProgrammeCommandBody, programmeDecider } from './programme.js';

export class ProgrammeCommand extends SubjectCommand<ProgrammeCommandBody> {}

@CommandHandler(ProgrammeCommand)
export class ProgrammeCommandHandler implements ICommandHandler<ProgrammeCommand> {
  constructor(private readonly repository: Repository) {}

  execute({ subject, body, envelope }: ProgrammeCommand): Promise<CommandOutcome> {
    authorise(envelope.actor, body.type, DESK);
    return this.repository.execute(programmeDecider, subject, body, envelope);
  }
}
