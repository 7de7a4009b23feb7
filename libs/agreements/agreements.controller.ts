import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type Actor, type CommandEnvelope, Commands, derivedId } from '#event-sourcing';
import { CONSENT_ACTS } from '#lifecycle';
import { MentionOrganisations } from '#organisations';
import { personCommands } from '#people';
import { day, identifier, line, reference } from '#values';
import {
  AtAnyMoment,
  answer,
  type CommandAnswer,
  CurrentActor,
  Envelope,
  etag,
  momentOptions,
  type Page,
  RECORDER,
  type Recorder,
  type Reply,
  readOptions,
  sendSheet,
} from '#web-api';
import { type AgreementCommand, agreementCommands } from './agreement.commands.js';
import { agreementParticulars, agreementTerms, changedParticulars } from './agreement.events.js';
import {
  agreementFilter,
  type BoardColumn,
  boardFilter,
  CountFacets,
  countFilter,
  type Facets,
  ListAgreements,
  ShowBoard,
} from './agreement.lists.js';
import {
  ForecastLegalEffect,
  GetAgreement,
  ListPendingSignatures,
  type PendingSignature,
} from './agreement.queries.js';
import type { AgreementSummary, AgreementView, LegalView } from './agreement.view.js';
import { type ExportOptions, exported, exportOptions } from './export.js';
import { type AgreementFigures, CountAgreements } from './figures.js';

const the = agreementCommands.definitions;
/** The id of what is in the address is no part of the body; the id of what is new may be left out for a generated one. */
const newId = z.strictObject({ id: identifier.optional() });
/** Who signed: the id of a person on record, or a name, under which a person is then registered. */
const signatory = z.union([z.strictObject({ person: reference('person') }), z.strictObject({ name: line(200) })]);

const draft = agreementParticulars.extend({
  ...the.DraftAgreement.schema.omit({ particulars: true }).shape,
  ...newId.shape,
});
const transition = the.MakeTransition.schema.omit({ transition: true });
const override = the.RequestOverride.schema.omit({ transition: true });
const grant = the.GrantOverride.schema.omit({ transition: true });
const signature = the.RecordSignature.schema.extend({ signatory: signatory.optional() });
const confirmation = the.ConfirmSignature.schema.omit({ slot: true });
const replacement = the.ReplaceSignatory.schema.omit({ slot: true });
const fullPowers = the.RecordFullPowers.schema.omit({ slot: true });
const correction = the.CorrectSignature.schema.omit({ slot: true }).extend({ signatory: signatory.optional() });
const voiding = the.VoidSignature.schema.omit({ slot: true });
const refusal = the.DeclineSignature.schema.omit({ slot: true });
const visaRefusal = the.RefuseVisa.schema.omit({ visa: true });
const task = the.OpenFollowUp.schema.omit({ followUp: true }).extend(newId.shape);
const closing = the.CloseFollowUp.schema.omit({ followUp: true });
const note = the.AddNote.schema.omit({ note: true }).extend(newId.shape);
const exchange = the.LogExchange.schema.omit({ note: true }).extend(newId.shape);
const projectLink = the.LinkProject.schema.omit({ effectiveOn: true });
const forecast = z.strictObject({
  consents: z
    .array(
      z.strictObject({
        party: reference('organisation'),
        act: z.enum(CONSENT_ACTS),
        on: day,
        receivedOn: day.optional(),
      }),
    )
    .max(300)
    .default([]),
  /** The day on which to look at it; today when left out. */
  on: day.optional(),
});

@ApiTags('agreements')
@Controller('agreements')
export class AgreementsController {
  constructor(
    private readonly commands: Commands,
    private readonly queries: QueryBus,
    @Inject(RECORDER) private readonly recorder: Recorder,
  ) {}

  @Get()
  @AtAnyMoment()
  @ApiOperation({ summary: 'Agreements, filtered and sorted' })
  list(@Query({ schema: agreementFilter }) filter: z.infer<typeof agreementFilter>): Promise<Page<AgreementSummary>> {
    return this.queries.execute(new ListAgreements(filter));
  }

  @Get('board')
  @ApiOperation({ summary: 'Agreements by stage, in the order of the lifecycle' })
  async board(
    @Query({ schema: boardFilter }) filter: z.infer<typeof boardFilter>,
    @CurrentActor() actor: Actor,
  ): Promise<{ columns: BoardColumn[] }> {
    return { columns: await this.queries.execute(new ShowBoard(filter, actor)) };
  }

  @Get('facets')
  @AtAnyMoment()
  @ApiOperation({ summary: 'How many agreements each value of each filter would leave, under the other filters' })
  facets(@Query({ schema: countFilter }) filter: z.infer<typeof countFilter>): Promise<Facets> {
    return this.queries.execute(new CountFacets(filter));
  }

  @Get('figures')
  @AtAnyMoment()
  @ApiOperation({ summary: 'Agreements by stage, country and age, days spent per stage, signatures per month' })
  figures(@Query({ schema: countFilter }) filter: z.infer<typeof countFilter>): Promise<AgreementFigures> {
    return this.queries.execute(new CountAgreements(filter));
  }

  @Get('export')
  @ApiOperation({ summary: 'The list as a sheet (CSV or XLSX), under the same filters and in the same order' })
  async export(@Query({ schema: exportOptions }) options: ExportOptions, @Res() reply: Reply): Promise<void> {
    await sendSheet(reply, 'agreements', options.format, exported(this.queries, options));
  }

  @Get('pending-signatures')
  @ApiOperation({ summary: 'Signatures that somebody still owes, the longest waiting first' })
  async pending(
    @Query({ schema: z.strictObject(readOptions) }) _options: object,
  ): Promise<{ items: PendingSignature[] }> {
    return { items: await this.queries.execute(new ListPendingSignatures()) };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One agreement: its state now, as known at `asOf` or as it was at `effectiveAt`, and what can come next',
  })
  async get(
    @Param('id') id: string,
    @Query({ schema: momentOptions }) { asOf, effectiveAt }: z.infer<typeof momentOptions>,
    @CurrentActor() actor: Actor,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<AgreementView> {
    const agreement = await this.queries.execute(new GetAgreement(id, actor, { asOf, effectiveAt }));
    if (agreement.confidential) await this.recorder.confidentialRead(actor, 'agreement', id);
    void reply.header('etag', etag(agreement.revision));
    return agreement;
  }

  @Post()
  @ApiOperation({ summary: 'Register an agreement: to be drafted, or where it already stands' })
  async draft(
    @Body({ schema: draft })
    { id, stage, slots, lifecycle, effectiveOn, parties, ...rest }: z.infer<typeof draft>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const particulars = { ...rest, parties: await this.withCountries(parties) };
    const command = { type: 'DraftAgreement' as const, particulars, stage, slots, lifecycle, effectiveOn };
    // Without an id the command's own is taken, so that a repeated request finds the agreement that it made.
    return this.execute(id ?? envelope.commandId, command, envelope, reply);
  }

  @Post(':id/transitions/:transition')
  @ApiOperation({ summary: 'Move the agreement on' })
  transition(
    @Param('id') id: string,
    @Param('transition') transitionId: string,
    @Body({ schema: transition }) body: z.infer<typeof transition>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'MakeTransition', transition: transitionId, ...body }, envelope, reply);
  }

  @Post(':id/transitions/:transition/override')
  @ApiOperation({ summary: 'Ask that a transition be made though something is missing for it' })
  requestOverride(
    @Param('id') id: string,
    @Param('transition') transitionId: string,
    @Body({ schema: override }) body: z.infer<typeof override>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'RequestOverride', transition: transitionId, ...body }, envelope, reply);
  }

  @Post(':id/transitions/:transition/override/grant')
  @ApiOperation({ summary: 'Grant an override that another has asked for' })
  grantOverride(
    @Param('id') id: string,
    @Param('transition') transitionId: string,
    @Body({ schema: grant }) body: z.infer<typeof grant>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'GrantOverride', transition: transitionId, ...body }, envelope, reply);
  }

  @Post(':id/signatures')
  @ApiOperation({ summary: 'Record that a slot is signed' })
  async sign(
    @Param('id') id: string,
    @Body({ schema: signature }) { signatory, ...body }: z.infer<typeof signature>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const person = signatory && (await this.personOf(signatory, envelope));
    const command = { type: 'RecordSignature' as const, ...body, ...(person && { signatory: person }) };
    return this.execute(id, command, envelope, reply);
  }

  @Post(':id/slots')
  @ApiOperation({ summary: 'Plan who is to sign what: before it is up for signature, or anew where nobody has signed' })
  plan(
    @Param('id') id: string,
    @Body({ schema: the.PlanSignatures.schema }) body: z.infer<typeof the.PlanSignatures.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'PlanSignatures', ...body }, envelope, reply);
  }

  @Post(':id/signatures/:slot/confirm')
  @ApiOperation({ summary: 'Record that a signature ad referendum, or one without authority, is confirmed' })
  confirm(
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Body({ schema: confirmation }) body: z.infer<typeof confirmation>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'ConfirmSignature', slot, ...body }, envelope, reply);
  }

  @Post(':id/signatures/:slot/replace')
  @ApiOperation({ summary: 'Put somebody else in the place of a signatory who has not signed' })
  replaceSignatory(
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Body({ schema: replacement }) body: z.infer<typeof replacement>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'ReplaceSignatory', slot, ...body }, envelope, reply);
  }

  @Post(':id/signatures/:slot/full-powers')
  @ApiOperation({ summary: 'Record that full powers are here, or were dispensed with' })
  fullPowers(
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Body({ schema: fullPowers }) body: z.infer<typeof fullPowers>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'RecordFullPowers', slot, ...body }, envelope, reply);
  }

  @Post(':id/signatures/:slot/correct')
  @ApiOperation({ summary: 'Say what is right where a signature was recorded wrongly, and why' })
  async correct(
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Body({ schema: correction }) { signatory, ...body }: z.infer<typeof correction>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const person = signatory && (await this.personOf(signatory, envelope));
    const command = { type: 'CorrectSignature' as const, slot, ...body, ...(person && { signatory: person }) };
    return this.execute(id, command, envelope, reply);
  }

  @Post(':id/signatures/:slot/void')
  @ApiOperation({ summary: 'Take back a signature that was recorded but not given' })
  voidSignature(
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Body({ schema: voiding }) body: z.infer<typeof voiding>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'VoidSignature', slot, ...body }, envelope, reply);
  }

  @Post(':id/signatures/:slot/decline')
  @ApiOperation({ summary: 'Record that a signatory declines, and why' })
  decline(
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Body({ schema: refusal }) body: z.infer<typeof refusal>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'DeclineSignature', slot, ...body }, envelope, reply);
  }

  @Post(':id/visas')
  @ApiOperation({ summary: 'Give a visa that the present stage waits for' })
  giveVisa(
    @Param('id') id: string,
    @Body({ schema: the.GiveVisa.schema }) body: z.infer<typeof the.GiveVisa.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'GiveVisa', ...body }, envelope, reply);
  }

  @Post(':id/visas/:visa/refuse')
  @ApiOperation({ summary: 'Refuse a visa, and say why' })
  refuseVisa(
    @Param('id') id: string,
    @Param('visa') visaId: string,
    @Body({ schema: visaRefusal }) body: z.infer<typeof visaRefusal>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'RefuseVisa', visa: visaId, ...body }, envelope, reply);
  }

  @Post(':id/documents')
  @ApiOperation({ summary: 'Record that a document is there' })
  attach(
    @Param('id') id: string,
    @Body({ schema: the.AttachDocument.schema }) body: z.infer<typeof the.AttachDocument.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'AttachDocument', ...body }, envelope, reply);
  }

  @Post(':id/consents')
  @ApiOperation({ summary: 'Record that a party has notified, or has deposited or exchanged its instrument' })
  consent(
    @Param('id') id: string,
    @Body({ schema: the.ExpressConsent.schema }) body: z.infer<typeof the.ExpressConsent.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'ExpressConsent', ...body }, envelope, reply);
  }

  @Post(':id/terms')
  @ApiOperation({ summary: 'State when it enters into force and how long it lasts, where its lifecycle does not say' })
  terms(
    @Param('id') id: string,
    @Body({ schema: agreementTerms }) terms: z.infer<typeof agreementTerms>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'StateTerms', terms }, envelope, reply);
  }

  @Post(':id/renewals')
  @ApiOperation({ summary: 'Record that the parties have renewed it expressly' })
  renew(
    @Param('id') id: string,
    @Body({ schema: the.RenewTerm.schema }) body: z.infer<typeof the.RenewTerm.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'RenewTerm', ...body }, envelope, reply);
  }

  @Post(':id/amendment')
  @ApiOperation({ summary: 'State what it changes in the terms of what it amends' })
  amendment(
    @Param('id') id: string,
    @Body({ schema: the.StateAmendment.schema }) body: z.infer<typeof the.StateAmendment.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'StateAmendment', ...body }, envelope, reply);
  }

  @Post(':id/follow-ups')
  @ApiOperation({ summary: 'Note a task that has to be done by a day' })
  openFollowUp(
    @Param('id') id: string,
    @Body({ schema: task }) { id: followUp, ...body }: z.infer<typeof task>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const command = { type: 'OpenFollowUp' as const, followUp: followUp ?? envelope.commandId, ...body };
    return this.execute(id, command, envelope, reply);
  }

  @Post(':id/follow-ups/:followUp/close')
  @ApiOperation({ summary: 'Say that a task is done' })
  closeFollowUp(
    @Param('id') id: string,
    @Param('followUp') followUp: string,
    @Body({ schema: closing }) body: z.infer<typeof closing>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'CloseFollowUp', followUp, ...body }, envelope, reply);
  }

  @Post(':id/notes')
  @ApiOperation({ summary: 'Keep a note' })
  addNote(
    @Param('id') id: string,
    @Body({ schema: note }) { id: noteId, text }: z.infer<typeof note>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'AddNote', note: noteId ?? envelope.commandId, text }, envelope, reply);
  }

  @Post(':id/exchanges')
  @ApiOperation({ summary: 'Log an exchange with a party: a letter, a call; it counts as progress' })
  logExchange(
    @Param('id') id: string,
    @Body({ schema: exchange }) { id: noteId, ...body }: z.infer<typeof exchange>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    const command = { type: 'LogExchange' as const, note: noteId ?? envelope.commandId, ...body };
    return this.execute(id, command, envelope, reply);
  }

  @Post(':id/forecast')
  @HttpCode(200)
  @ApiOperation({ summary: 'What would follow if parties expressed their consent on these days; nothing is stored' })
  forecast(
    @Param('id') id: string,
    @Body({ schema: forecast }) { consents, on }: z.infer<typeof forecast>,
  ): Promise<LegalView> {
    return this.queries.execute(new ForecastLegalEffect(id, consents, on));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Complete or correct its particulars' })
  change(
    @Param('id') id: string,
    @Body({ schema: changedParticulars }) particulars: z.infer<typeof changedParticulars>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'ChangeParticulars', particulars }, envelope, reply);
  }

  @Post(':id/owner')
  @ApiOperation({ summary: 'Make a member of staff responsible' })
  assign(
    @Param('id') id: string,
    @Body({ schema: the.AssignOwner.schema }) body: z.infer<typeof the.AssignOwner.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'AssignOwner', ...body }, envelope, reply);
  }

  @Post(':id/projects')
  @ApiOperation({ summary: 'Say which project runs under it, and what starts the project' })
  linkProject(
    @Param('id') id: string,
    @Body({ schema: projectLink }) body: z.infer<typeof projectLink>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'LinkProject', ...body }, envelope, reply);
  }

  @Post(':id/links')
  @ApiOperation({ summary: 'Say which agreement it amends, implements or supersedes' })
  linkAgreement(
    @Param('id') id: string,
    @Body({ schema: the.LinkAgreement.schema }) body: z.infer<typeof the.LinkAgreement.schema>,
    @Envelope() envelope: CommandEnvelope,
    @Res({ passthrough: true }) reply: Reply,
  ): Promise<CommandAnswer> {
    return this.execute(id, { type: 'LinkAgreement', ...body }, envelope, reply);
  }

  private async execute(
    id: string,
    command: AgreementCommand,
    envelope: CommandEnvelope,
    reply: Reply,
  ): Promise<CommandAnswer> {
    return answer(reply, id, await this.commands.send(agreementCommands, id, command, envelope));
  }

  /** Where nobody says which country's working days count for a party, those of its organisation do. */
  private async withCountries(parties: z.infer<typeof draft>['parties']) {
    const known = await this.queries.execute(new MentionOrganisations(parties.map(({ organisation }) => organisation)));
    return parties.map((party) => {
      const country = party.country ?? known.get(party.organisation)?.country;
      return { ...party, ...(country && { country }) };
    });
  }

  private async personOf(who: z.infer<typeof signatory>, envelope: CommandEnvelope): Promise<string> {
    return 'person' in who ? who.person : this.registerPerson(who.name, envelope);
  }

  /** The name goes into the person's own stream; everything else knows the person by id. */
  private async registerPerson(name: string, { actor, commandId }: CommandEnvelope): Promise<string> {
    const id = derivedId('signatory', commandId);
    const envelope = { commandId: derivedId('register-signatory', commandId), correlationId: commandId, actor };
    await this.commands.send(personCommands, id, { type: 'RegisterPerson', particulars: { name } }, envelope);
    return id;
  }
}
