import { credentialEvents, loginEvents, userEvents, users } from '#access';
import { agreementEvents, agreementsProjection } from '#agreements';
import { attemptEvents, attempts, timeline } from '#audit';
import { definitionEvents } from '#definitions';
import { type AnyProjection, Codec, policyEvents, type Vault } from '#event-sourcing';
import { calendarEvents } from '#holidays';
import type { Lifecycle } from '#lifecycle';
import { meetingEvents, meetings } from '#meetings';
import { operationEvents } from '#operations';
import { organisationEvents, organisations } from '#organisations';
import { people, personEvents } from '#people';
import { programmeEvents, programmes } from '#programmes';
import { projectEvents, projects } from '#projects';
import {
  messageEvents,
  messages,
  policyCatalogueEvents,
  preferenceEvents,
  reminderEvents,
  reminders,
} from '#reminders';
import { mappingEvents } from '#sheets';
import { statementEvents, statements } from '#statements';
import { checkpointEvents } from '#transparency';
import { webhookEvents } from '#webhooks';

/** Every event that the product records, by the first part of its stored name. */
const catalogues = {
  agreement: agreementEvents,
  lifecycle: definitionEvents,
  project: projectEvents,
  programme: programmeEvents,
  organisation: organisationEvents,
  person: personEvents,
  meeting: meetingEvents,
  statement: statementEvents,
  user: userEvents,
  login: loginEvents,
  credential: credentialEvents,
  reminder: reminderEvents,
  message: messageEvents,
  reminder_policy: policyCatalogueEvents,
  preferences: preferenceEvents,
  webhook: webhookEvents,
  calendar: calendarEvents,
  policy: policyEvents,
  checkpoint: checkpointEvents,
  attempt: attemptEvents,
  sheet_mapping: mappingEvents,
  operation: operationEvents,
};

/** @param vault keeps what is about people; without one it stands open */
export const codecWith = (vault?: Vault): Codec => new Codec(catalogues, vault);

/** Every read model. */
export function readModels(stock: Lifecycle): AnyProjection[] {
  return [
    agreementsProjection(stock),
    projects,
    programmes,
    organisations,
    people,
    meetings,
    statements,
    users,
    reminders,
    messages,
    timeline,
    attempts,
  ] as AnyProjection[];
}
