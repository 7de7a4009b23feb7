import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandOutcome, type Decider, Repository } from '#event-sourcing';
import { Lifecycles } from '#lifecycle';
import { authorise, DESK, SubjectCommand } from '#web-api';
import type { AgreementCommandBody } from './agreement.commands.js';
import type { AgreementEvent } from './agreement.events.js';
import { agreementDecider } from './agreement.js';
import type { Agreement } from './agreement.state.js';

export class AgreementCommand extends SubjectCommand<AgreementCommandBody> {}

@CommandHandler(AgreementCommand)
export class AgreementCommandHandler implements ICommandHandler<AgreementCommand> {
  private readonly decider: Decider<Agreement, AgreementCommandBody, AgreementEvent>;

  constructor(
    private readonly repository: Repository,
    lifecycles: Lifecycles,
  ) {
    this.decider = agreementDecider(lifecycles);
  }

  execute({ subject, body, envelope }: AgreementCommand): Promise<CommandOutcome> {
    authorise(envelope.actor, body.type, DESK);
    return this.repository.execute(this.decider, subject, body, envelope);
  }
}
