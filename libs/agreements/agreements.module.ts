import { Module } from '@nestjs/common';
import { AgreementCommandHandler } from './agreement.command.js';
import {
  CountFacetsHandler,
  FindAgreementsHandler,
  ListAgreementsHandler,
  ShowBoardHandler,
} from './agreement.lists.js';
import {
  FindByLifecycleHandler,
  FindSelfMovingHandler,
  ForecastLegalEffectHandler,
  GetAgreementHandler,
  ListPendingSignaturesHandler,
  MentionAgreementsHandler,
} from './agreement.queries.js';
import { AgreementsController } from './agreements.controller.js';
import { CountAgreementsHandler } from './figures.js';

@Module({
  controllers: [AgreementsController],
  providers: [
    AgreementCommandHandler,
    ListAgreementsHandler,
    ShowBoardHandler,
    CountFacetsHandler,
    FindAgreementsHandler,
    CountAgreementsHandler,
    GetAgreementHandler,
    ListPendingSignaturesHandler,
    MentionAgreementsHandler,
    FindByLifecycleHandler,
    FindSelfMovingHandler,
    ForecastLegalEffectHandler,
  ],
})
export class AgreementsModule {}
