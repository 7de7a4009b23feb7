import { type CommandContext } from '#event-sourcing';
import type { CommandOf } from './agreement.commands.js';
import { FollowUpExists, FollowUpUnknown } from './agreement.errors.js';
import type { AgreementEvent } from './agreement.events.js';
import type { Drafted } from './agreement.state.js';

/** Opens a task by hand. What the desk writes stands in every language. */
export function openFollowUp(
  { followUp, task, dueOn, owner = undefined }: CommandOf<'OpenFollowUp'>,
  { followUps, particulars }: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const known = followUps.find((one) => one.followUp === followUp);
  if (known?.dueOn === dueOn && known.labels.fr === task) return [];
  if (known) throw new FollowUpExists(followUp);
  const by = owner ?? particulars.owner;
  const data = { followUp, labels: { fr: task, en: task, ar: task }, dueOn, ...(by && { owner: by }) };
  return [{ type: 'FollowUpOpened', data, effectiveOn: today }];
}

export function closeFollowUp(
  { followUp, note }: CommandOf<'CloseFollowUp'>,
  { followUps }: Drafted,
  { today }: CommandContext,
): AgreementEvent[] {
  const open = followUps.map((one) => one.followUp);
  if (!open.includes(followUp)) throw new FollowUpUnknown(followUp, open);
  return [{ type: 'FollowUpClosed', data: { followUp, ...(note && { note }) }, effectiveOn: today }];
}
