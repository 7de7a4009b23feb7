import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { personDecider, personEvents } from './person.js';
import { people } from './person.projection.js';
import { MentionPeopleHandler } from './person.queries.js';

export const peopleCapability: Capability = {
  events: { person: personEvents },
  deciders: [personDecider],
  readModels: [people],
};

@Module({ providers: [MentionPeopleHandler] })
export class PeopleModule {}
