export { authorise, DESK, Forbidden, ROLES, type Role } from './roles.js';
