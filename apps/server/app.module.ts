import { join } from 'node:path';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { AccessModule } from '#access';
import { AgreementsModule } from '#agreements';
import { ATTEMPTS_DAYS, AuditModule, BASE_URL, PastReadModels } from '#audit';
import { Calendars } from '#calendar';
import { ChangeFeedModule, INSTANCE_URL } from '#change-feed';
import { DefinitionsModule } from '#definitions';
import { DocumentStore, DocumentsModule } from '#documents';
import { Commands, ConsumerRunner, EventStore, LogFeed, newId, Precedence, Repository } from '#event-sourcing';
import { HolidaysModule } from '#holidays';
import { DOCUMENTS_URL, IatiModule } from '#iati';
import { Lifecycles } from '#lifecycle';
import { MeetingsModule } from '#meetings';
import { ClockWatch, ConsumerDesk } from '#operations';
import { OrganisationsModule } from '#organisations';
import { PeopleModule } from '#people';
import { PersonalDataModule, PersonalKeys } from '#personal-data';
import { PortfolioModule } from '#portfolio';
import { ProcessMiningModule, PSEUDONYM_KEY } from '#process-mining';
import { ProgrammesModule } from '#programmes';
import { ProjectsModule } from '#projects';
import { Projector, ReadStore, Turns } from '#read-store';
import {
  Policies,
  REMINDER_SETTINGS,
  ReminderKeeper,
  ReminderQueue,
  type ReminderSettings,
  RemindersModule,
} from '#reminders';
import { SheetsModule, UPLOADS, Uploads } from '#sheets';
import { StatementsModule } from '#statements';
import { TransparencyLog } from '#transparency';
import { CLOCK, PAST } from '#web-api';
import { WEBHOOK_KEY, WebhooksModule } from '#webhooks';
import { Background, ENGINE } from './background.js';
import type { Engine } from './engine.js';
import { ClockController } from './http/clock.controller.js';
import { ConsumersController } from './http/consumers.controller.js';
import { HealthController } from './http/health.controller.js';
import { Health } from './http/health.js';
import { MetricsController } from './http/metrics.controller.js';
import { ProblemFilter } from './http/problem.filter.js';
import { requestValidation } from './http/request-validation.js';

/** Hands the running engine to everything that asks for its parts. */
@Global()
@Module({})
class EngineModule {
  static of(engine: Engine): DynamicModule {
    const { settings } = engine;
    const reminderSettings: ReminderSettings = {
      baseUrl: settings.baseUrl,
      from: settings.smtpFrom,
      timeZone: settings.timeZone,
      hour: settings.reminderHour,
      digestMinutes: settings.digestMinutes,
      instance: newId(),
      key: engine.key,
      ...(settings.smtpUrl && { smtpUrl: settings.smtpUrl }),
    };
    const providers = [
      { provide: CLOCK, useValue: engine.clock },
      { provide: Lifecycles, useValue: engine.lifecycles },
      { provide: Policies, useValue: engine.policies },
      { provide: Calendars, useValue: engine.calendars },
      { provide: EventStore, useValue: engine.eventStore },
      { provide: Precedence, useValue: engine.precedence },
      { provide: LogFeed, useValue: engine.feed },
      { provide: Repository, useValue: engine.repository },
      { provide: Commands, useValue: engine.commands },
      { provide: ConsumerRunner, useValue: engine.consumers },
      { provide: Turns, useValue: engine.turns },
      { provide: ENGINE, useValue: engine },
      { provide: Health, useValue: new Health(engine) },
      { provide: BASE_URL, useValue: settings.baseUrl },
      { provide: ATTEMPTS_DAYS, useValue: settings.attemptsDays },
      { provide: PAST, useFactory: () => new PastReadModels(engine.readStore, engine.projector.models) },
      { provide: PersonalKeys, useValue: engine.personalKeys },
      { provide: ClockWatch, useValue: engine.clockWatch },
      { provide: TransparencyLog, useValue: engine.transparency },
      { provide: ReadStore, useValue: engine.readStore },
      { provide: Projector, useValue: engine.projector },
      { provide: ReminderQueue, useValue: engine.queue },
      { provide: REMINDER_SETTINGS, useValue: reminderSettings },
      { provide: DocumentStore, useValue: engine.documents },
      { provide: WEBHOOK_KEY, useValue: engine.key },
      { provide: INSTANCE_URL, useValue: settings.baseUrl },
      { provide: DOCUMENTS_URL, useValue: `${settings.baseUrl}/api/v1/documents` },
      { provide: PSEUDONYM_KEY, useValue: engine.key },
      { provide: UPLOADS, useValue: new Uploads(join(settings.dataFolder, 'uploads')) },
      { provide: 'Settings', useValue: settings },
    ];
    return { module: EngineModule, providers, exports: providers };
  }
}

/** The whole application upon an engine. */
@Module({})
export class AppModule {
  static on(engine: Engine): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CqrsModule.forRoot(),
        EngineModule.of(engine),
        AccessModule,
        AgreementsModule,
        DefinitionsModule,
        ProjectsModule,
        ProgrammesModule,
        OrganisationsModule,
        PeopleModule,
        MeetingsModule,
        StatementsModule,
        DocumentsModule,
        RemindersModule,
        HolidaysModule.with(ReminderKeeper, [RemindersModule]),
        AuditModule,
        PersonalDataModule,
        PortfolioModule,
        SheetsModule,
        WebhooksModule,
        ChangeFeedModule,
        IatiModule,
        ProcessMiningModule,
      ],
      controllers: [HealthController, MetricsController, ClockController, ConsumersController],
      providers: [
        Background,
        {
          provide: ConsumerDesk,
          inject: [Background],
          useFactory: (background: Background) =>
            new ConsumerDesk({
              ...engine,
              declared: () => background.declared(),
              statuses: () => engine.consumers.status(),
            }),
        },
        { provide: APP_PIPE, useFactory: requestValidation },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
