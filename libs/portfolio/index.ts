export { FileRefused, Importer, type ImportReport } from './importer.js';
export { PortfolioModule } from './portfolio.module.js';
