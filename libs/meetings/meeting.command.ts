import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandOutcome, Repository } from '#event-sourcing';
import { authorise, DESK, SubjectCommand } from '#web-api';
import { type MeetingCommandBody, meetingDecider } from './meeting.js';

export class MeetingCommand extends SubjectCommand<MeetingCommandBody> {}

@CommandHandler(MeetingCommand)
export class MeetingCommandHandler implements ICommandHandler<MeetingCommand> {
  constructor(private readonly repository: Repository) {}

  execute({ subject, body, envelope }: MeetingCommand): Promise<CommandOutcome> {
    authorise(envelope.actor, body.type, DESK);
    return this.repository.execute(meetingDecider, subject, body, envelope);
  }
}
