import { Module } from '@nestjs/common';
import { Importer } from './importer.js';
import { ImportsController } from './imports.controller.js';

@Module({ controllers: [ImportsController], providers: [Importer], exports: [Importer] })
export class PortfolioModule {}
