import { Module } from '@nestjs/common';
import type { Capability } from '#event-sourcing';
import { PortfolioModule } from '#portfolio';
import { mappingDecider, mappingEvents } from './mapping.js';
import { SheetExport } from './sheet-export.js';
import { SheetImport } from './sheet-import.js';
import { SheetsController, UploadsController } from './sheets.controller.js';

export const sheetsCapability: Capability = {
  events: { sheet_mapping: mappingEvents },
  deciders: [mappingDecider],
};

@Module({
  imports: [PortfolioModule],
  controllers: [SheetsController, UploadsController],
  providers: [SheetImport, SheetExport],
})
export class SheetsModule {}
