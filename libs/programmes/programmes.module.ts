import { Module } from '@nestjs/common';
import { ProgrammeCommandHandler } from './programme.command.js';
import { GetProgrammeHandler, ListProgrammesHandler } from './programme.queries.js';
import { ProgrammesController } from './programmes.controller.js';

@Module({
  controllers: [ProgrammesController],
  providers: [ProgrammeCommandHandler, ListProgrammesHandler, GetProgrammeHandler],
})
export class ProgrammesModule {}
