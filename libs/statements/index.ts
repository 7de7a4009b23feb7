export { statementCommands, statementEvents, statementParticulars } from './statement.js';
export { statements } from './statement.projection.js';
export { StatementsModule, statementsCapability } from './statements.module.js';
