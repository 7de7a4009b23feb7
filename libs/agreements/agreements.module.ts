import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import type { Lifecycles } from '#lifecycle';
import { agreementEvents } from './agreement.events.js';
import { agreementDecider } from './agreement.js';
import {
  CountFacetsHandler,
  FindAgreementsHandler,
  ListAgreementsHandler,
  ShowBoardHandler,
} from './agreement.lists.js';
import { agreementsReadModel } from './agreement.projection.js';
import {
  FindByLifecycleHandler,
  FindSelfMovingHandler,
  ForecastLegalEffectHandler,
  GetAgreementHandler,
  ListPendingSignaturesHandler,
  MentionAgreementsHandler,
} from './agreement.queries.js';
import { AgreementsController } from './agreements.controller.js';
import { carryOutEffects } from './carry-out-effects.policy.js';
import { CountAgreementsHandler } from './figures.js';
import { startProjects } from './start-projects.policy.js';

/** @param lifecycles those that agreements come under, as they become known */
export const agreementsCapability = (lifecycles: Lifecycles): Capability => ({
  events: { agreement: agreementEvents },
  deciders: [agreementDecider(lifecycles)],
  readModels: [agreementsReadModel(lifecycles.stock.lifecycle)],
  policies: [startProjects, carryOutEffects],
});

@Module({
  controllers: [AgreementsController],
  providers: [
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
