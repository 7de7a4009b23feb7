import { Module } from '@nestjs/common';
import { DefinitionsController } from './definitions.controller.js';
import { Migrations } from './migration.js';
import { Publishing } from './publishing.js';
import { Trials } from './trial.js';

@Module({ controllers: [DefinitionsController], providers: [Migrations, Publishing, Trials] })
export class DefinitionsModule {}
