import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandOutcome, Repository } from '#event-sourcing';
import { authorise, DESK, SubjectCommand } from '#web-api';
import { type ProjectCommandBody, projectDecider } from './project.js';

export class ProjectCommand extends SubjectCommand<ProjectCommandBody> {}

@CommandHandler(ProjectCommand)
export class ProjectCommandHandler implements ICommandHandler<ProjectCommand> {
  constructor(private readonly repository: Repository) {}

  execute({ subject, body, envelope }: ProjectCommand): Promise<CommandOutcome> {
    authorise(envelope.actor, body.type, DESK);
    return this.repository.execute(projectDecider, subject, body, envelope);
  }
}
