export { admitAdministrator, Public } from './access.guard.js';
export { AccessModule } from './access.module.js';
export { Accounts } from './accounts.js';
export { credentialEvents } from './credential.js';
export { loginEvents } from './login.js';
export { userDecider, userEvents } from './user.js';
export { users } from './user.projection.js';
export { ListUsers, type UserView } from './user.queries.js';
