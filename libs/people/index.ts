export { PeopleModule, peopleCapability } from './people.module.js';
export { personCommands, personDecider, personParticulars } from './person.js';
export { people } from './person.projection.js';
export { MentionPeople } from './person.queries.js';
