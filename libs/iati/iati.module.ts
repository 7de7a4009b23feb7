import { Module } from '@nestjs/common';
import { PortfolioModule } from '#portfolio';
import { IatiController } from './iati.controller.js';
import { IatiExport } from './iati-export.js';
import { IatiImport } from './iati-import.js';

@Module({ imports: [PortfolioModule], controllers: [IatiController], providers: [IatiExport, IatiImport] })
export class IatiModule {}
