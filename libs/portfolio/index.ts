export { type ImportStep, importPlan, importStep, type Section } from './import-plan.js';
export { type Fate, FileRefused, Importer, type ImportReport, type ImportSource } from './importer.js';
export { PortfolioModule } from './portfolio.module.js';
export { entrySchemas, type Portfolio } from './portfolio-file.js';
