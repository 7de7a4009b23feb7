export { StatementCommand } from './statement.command.js';
export { statementDecider, statementEvents, statementParticulars } from './statement.js';
export { statements } from './statement.projection.js';
export { StatementsModule } from './statements.module.js';
