import { Module } from '@nestjs/common';
import { AgreementCommandHandler } from './agreement.command.js';
import {
  FindByLifecycleHandler,
  GetAgreementHandler,
  ListAgreementsHandler,
  ListPendingSignaturesHandler,
  MentionAgreementsHandler,
  ShowBoardHandler,
} from './agreement.queries.js';
import { AgreementsController } from './agreements.controller.js';

@Module({
  controllers: [AgreementsController],
  providers: [
    AgreementCommandHandler,
    ListAgreementsHandler,
    ShowBoardHandler,
    GetAgreementHandler,
    ListPendingSignaturesHandler,
    MentionAgreementsHandler,
    FindByLifecycleHandler,
  ],
})
export class AgreementsModule {}
