export { IatiModule } from './iati.module.js';
export { DOCUMENTS_URL } from './iati-export.js';
