export { admitAdministrator, Public } from './access.guard.js';
export { AccessModule, accessCapability } from './access.module.js';
export { Accounts } from './accounts.js';
export { userCommands, userDecider } from './user.js';
export { users } from './user.projection.js';
export { ListUsers, type UserView } from './user.queries.js';
