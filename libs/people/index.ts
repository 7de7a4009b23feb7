export { PeopleModule } from './people.module.js';
export { PersonCommand } from './person.command.js';
export { personDecider, personEvents, personParticulars } from './person.js';
export { people } from './person.projection.js';
export { MentionPeople } from './person.queries.js';
