export { PeopleModule, peopleCapability } from './people.module.js';
export { type PersonCommand, personCommands, personDecider, personEvents, personParticulars } from './person.js';
export { type PersonRow, people } from './person.projection.js';
export { MentionPeople } from './person.queries.js';
