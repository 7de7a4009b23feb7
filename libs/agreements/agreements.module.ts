import { Module } from '@nestjs/common';
import { AgreementCommandHandler } from './agreement.command.js';
import {
  FindByLifecycleHandler,
  FindSelfMovingHandler,
  ForecastLegalEffectHandler,
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
    FindSelfMovingHandler,
    ForecastLegalEffectHandler,
  ],
})
export class AgreementsModule {}
