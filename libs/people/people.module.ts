import { Module } from '@nestjs/common';
import { PersonCommandHandler } from './person.command.js';
import { MentionPeopleHandler } from './person.queries.js';

@Module({ providers: [PersonCommandHandler, MentionPeopleHandler] })
export class PeopleModule {}
