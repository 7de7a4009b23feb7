import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { catalogueDecider, definitionEvents } from './catalogue.js';
import { DefinitionsController } from './definitions.controller.js';
import { Migrations } from './migration.js';
import { Publishing } from './publishing.js';
import { Trials } from './trial.js';

export const definitionsCapability: Capability = {
  events: { lifecycle: definitionEvents },
  deciders: [catalogueDecider],
};

@Module({ controllers: [DefinitionsController], providers: [Migrations, Publishing, Trials] })
export class DefinitionsModule {}
