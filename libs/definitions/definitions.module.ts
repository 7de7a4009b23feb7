import { Module } from '@nestjs/common';
import { DefinitionsController } from './definitions.controller.js';
import { Migrations } from './migration.js';

@Module({ controllers: [DefinitionsController], providers: [Migrations] })
export class DefinitionsModule {}
