import { type CommandContext } from '#event-sourcing';
import type { CommandOf } from './agreement.commands.js';
import { NotAParty } from './agreement.errors.js';
import type { AgreementEvent } from './agreement.events.js';
import { type Drafted, partiesOf } from './agreement.state.js';
import { notInFuture } from './dates.js';

/** Keeps a note, which changes nothing else. */
export function addNote(
  { note, text }: CommandOf<'AddNote'>,
  { notes }: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  return notes.includes(note) ? [] : [{ type: 'NoteAdded', data: { note, text }, effectiveOn: today }];
}

/** Logs an exchange with a party. It counts as progress: whoever was to be reminded of the silence is not, for a while. */
export function logExchange(
  { note, text, party, on }: CommandOf<'LogExchange'>,
  agreement: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  if (agreement.notes.includes(note)) return [];
  const parties = partiesOf(agreement);
  if (party !== undefined && !parties.includes(party)) throw new NotAParty(party, parties);
  const effectiveOn = on ?? today;
  notInFuture('on', effectiveOn, today);
  return [{ type: 'ExchangeLogged', data: { note, text, ...(party && { party }) }, effectiveOn }];
}
