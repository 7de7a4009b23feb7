import { z } from 'zod';
import { type CommandsOf, commandCatalogue } from '#event-sourcing';
import { DESK } from '#roles';
import { edtf, identifier, reference, text } from '#values';
import { funding, milestonePlan, partner, projectParticulars } from './project.events.js';

const reason = text(2_000);
const effectiveOn = edtf.optional();

/** What can be asked of a project. */
export const projectCommands = commandCatalogue('project', DESK, {
  ProposeProject: { schema: z.strictObject({ particulars: projectParticulars, effectiveOn }) },
  StartProject: { schema: z.strictObject({ startedOn: edtf.optional() }) },
  /** Says on which day it really started, when that was recorded wrongly. */
  CorrectStart: { schema: z.strictObject({ startedOn: edtf, reason }) },
  SuspendProject: { schema: z.strictObject({ reason, effectiveOn }) },
  ResumeProject: { schema: z.strictObject({ reason: reason.optional(), effectiveOn }) },
  CompleteProject: { schema: z.strictObject({ completedOn: edtf.optional() }) },
  CancelProject: { schema: z.strictObject({ reason, effectiveOn }) },
  AssignOwner: { schema: z.strictObject({ owner: reference('person') }) },
  AddPartner: { schema: z.strictObject({ partner, effectiveOn }) },
  CommitFunding: { schema: z.strictObject({ funding, effectiveOn }) },
  PlanMilestone: { schema: z.strictObject({ plan: milestonePlan, effectiveOn }) },
  ReachMilestone: {
    schema: z.strictObject({ milestone: identifier, reachedOn: edtf.optional(), note: text(1_000).optional() }),
  },
  RescheduleMilestone: { schema: z.strictObject({ milestone: identifier, to: edtf, reason }) },
  DropMilestone: { schema: z.strictObject({ milestone: identifier, reason }) },
  ReportProgress: {
    schema: z.strictObject({ report: identifier, text: text(20_000), reportedOn: edtf.optional() }),
  },
});

export type ProjectCommand = CommandsOf<typeof projectCommands>;
