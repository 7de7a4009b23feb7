import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { programmeDecider, programmeEvents } from './programme.js';
import { programmes } from './programme.projection.js';
import { GetProgrammeHandler, ListProgrammesHandler } from './programme.queries.js';
import { ProgrammesController } from './programmes.controller.js';

export const programmesCapability: Capability = {
  events: { programme: programmeEvents },
  deciders: [programmeDecider],
  readModels: [programmes],
};

@Module({
  controllers: [ProgrammesController],
  providers: [ListProgrammesHandler, GetProgrammeHandler],
})
export class ProgrammesModule {}
