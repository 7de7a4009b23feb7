export { UPLOADS } from './sheet-import.js';
export { SheetsModule, sheetsCapability } from './sheets.module.js';
export { Uploads } from './upload.js';
