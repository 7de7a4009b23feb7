import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { calendarDecider, calendarEvents } from './calendar-day.js';
import { HolidaysController } from './holidays.controller.js';
import { MOVES, type MoveFinder } from './moves.js';

export const holidaysCapability: Capability = {
  events: { calendar: calendarEvents },
  deciders: [calendarDecider],
};

@Module({})
export class HolidaysModule {
  /** @param finder what says which times a proclamation moves, from a module that is at hand */
  static with(finder: Type<MoveFinder>, imports: DynamicModule['imports'] = []): DynamicModule {
    return {
      module: HolidaysModule,
      imports,
      controllers: [HolidaysController],
      providers: [{ provide: MOVES, useExisting: finder }],
    };
  }
}
