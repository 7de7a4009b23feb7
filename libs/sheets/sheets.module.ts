import { Module } from '@nestjs/common';
import { PortfolioModule } from '#portfolio';
import { SheetExport } from './sheet-export.js';
import { SheetImport } from './sheet-import.js';
import { SheetsController, UploadsController } from './sheets.controller.js';

@Module({
  imports: [PortfolioModule],
  controllers: [SheetsController, UploadsController],
  providers: [SheetImport, SheetExport],
})
export class SheetsModule {}
