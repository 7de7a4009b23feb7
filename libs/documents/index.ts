export { copyDocuments } from './copy-documents.js';
export { DocumentStore } from './document-store.js';
export { DocumentsModule } from './documents.module.js';
