import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandOutcome, Repository } from '#event-sourcing';
import { authorise, DESK, SubjectCommand } from '#web-api';
import { type StatementCommandBody, statementDecider } from './statement.js';

export class StatementCommand extends SubjectCommand<StatementCommandBody> {}

@CommandHandler(StatementCommand)
export class StatementCommandHandler implements ICommandHandler<StatementCommand> {
  constructor(private readonly repository: Repository) {}

  execute({ subject, body, envelope }: StatementCommand): Promise<CommandOutcome> {
    authorise(envelope.actor, body.type, DESK);
    return this.repository.execute(statementDecider, subject, body, envelope);
  }
}
