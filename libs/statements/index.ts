export { statementCommands, statementParticulars } from './statement.js';

export { StatementsModule, statementsCapability } from './statements.module.js';
