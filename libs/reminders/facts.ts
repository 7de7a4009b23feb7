import { countriesOf, type Drafted, lifecycleFacts, partiesOf } from '#agreements';
import { addDays, addMonths, type DateRange, dateRange, isEdtf } from '#calendar';
import { fullPowersOf, isBinding, type Labels, type Lifecycle, labelsOfDocument } from '#lifecycle';
import type { MeetingRow } from '#meetings';
import type { ProjectRow } from '#projects';
import { type Anchor, isPlannable, type SubjectFacts } from './due.js';
import { recurringDays } from './recurrence.js';

/** A meeting with a partner that is still to come. */
export interface ComingMeeting {
  id: string;
  heldOn: string;
  countries: string[];
}

/** What comes from elsewhere than the agreement's own stream. */
export interface Surroundings {
  today: string;
  /** The country of the desk. */
  desk: string;
  meetings: ComingMeeting[];
  contacts: string[];
  /** The day of the last progress, where its date is open or unknown: the day on which it was recorded. */
  progressDay?: string | undefined;
}

/** The days that a date may mean; none where it is no date, as in what was recorded before dates were checked. */
const rangeOf = (date: string): Partial<DateRange> => (isEdtf(date) ? dateRange(date) : {});
/** Without what lies where no reminder is ever planned: another system's "no date", a slip in the year. */
const planned = (anchors: Anchor[]): Anchor[] => anchors.filter(({ day }) => isPlannable(day));

const label = (text: string): Labels => ({ fr: text, en: text, ar: text });
const listed = (all: Labels[]): Labels => ({
  fr: all.map(({ fr }) => fr).join(', '),
  en: all.map(({ en }) => en).join(', '),
  ar: all.map(({ ar }) => ar).join('، '),
});

/** What a partner in a role is called. */
const PARTNERS: Record<ProjectRow['partners'][number]['role'], Labels> = {
  lead: { fr: 'chef de file', en: 'lead', ar: 'رئيس المشروع' },
  'steering-committee': { fr: 'comité de pilotage', en: 'steering committee', ar: 'لجنة القيادة' },
  funding: { fr: 'bailleur', en: 'funder', ar: 'الممول' },
  extending: { fr: 'gestionnaire', en: 'managing agency', ar: 'الجهة المدبرة' },
  implementing: { fr: 'mise en œuvre', en: 'implementing partner', ar: 'الشريك المنفذ' },
  'consortium-lead': { fr: 'chef de consortium', en: 'consortium lead', ar: 'رئيس التجمع' },
  'consortium-member': { fr: 'membre du consortium', en: 'member of the consortium', ar: 'عضو التجمع' },
  partner: { fr: 'partenaire', en: 'partner', ar: 'شريك' },
  beneficiary: { fr: 'bénéficiaire', en: 'beneficiary', ar: 'المستفيد' },
};

/** What there is to remind of about an agreement. Pure. */
export function agreementFacts(
  id: string,
  agreement: Drafted,
  lifecycle: Lifecycle,
  around: Surroundings,
): SubjectFacts {
  const { stage, particulars } = agreement;
  const stageKind = lifecycle.kindOf(stage);
  const countries = countriesOf(particulars).filter((country) => /^[A-Z]{2}$/.test(country));
  return {
    kind: 'agreement',
    id,
    owner: particulars.owner ?? agreement.drafter,
    countries,
    contacts: around.contacts,
    stage,
    stageKind,
    type: particulars.type,
    anchors: planned([
      ...followUps(agreement),
      ...(stageKind === 'ended'
        ? []
        : [
            ...idleness(agreement, lifecycle, around),
            ...deadlines(agreement),
            ...terms(agreement, lifecycle, around),
            ...missing(agreement, lifecycle, around),
            ...opportunities(agreement, lifecycle, around, countries),
          ]),
    ]),
  };
}

function followUps({ followUps: open }: Drafted): Anchor[] {
  return open.map(({ followUp, labels, dueOn, owner }) => ({
    occasion: 'follow-up',
    key: `follow-up ${followUp} ${dueOn}`,
    matter: followUp,
    day: dueOn,
    date: dueOn,
    what: labels,
    ...(owner && { holders: [owner] }),
  }));
}

/** The parties whose signatures, or else whose notifications or instruments, are still missing. */
function openParties(agreement: Drafted, lifecycle: Lifecycle): string[] {
  const kind = lifecycle.kindOf(agreement.stage);
  if (kind === 'signature') {
    const open = agreement.slots.filter((slot) => isBinding(slot) && slot.status !== 'signed');
    return [...new Set(open.map(({ party }) => party))];
  }
  if (kind !== 'ratification') return [];
  return partiesOf(agreement).filter((party) => !agreement.consents.some((consent) => consent.party === party));
}

function idleness(agreement: Drafted, lifecycle: Lifecycle, { progressDay, today }: Surroundings): Anchor[] {
  const { stage, progress } = agreement;
  const patience = lifecycle.idleAfter(stage);
  if (patience === undefined || lifecycle.clockOf(stage) === 'paused') return [];
  const day = rangeOf(progress).latest ?? progressDay ?? today;
  const waitingFor = openParties(agreement, lifecycle);
  return [{ occasion: 'idle', key: `idle ${stage} ${progress}`, day, date: progress, patience, waitingFor }];
}

function deadlines({ stage, deadlines: { stage: ofStage, whole } }: Drafted): Anchor[] {
  return [
    ...(ofStage
      ? [{ occasion: 'stage-deadline' as const, key: `deadline ${stage} ${ofStage}`, day: ofStage, date: ofStage }]
      : []),
    ...(whole ? [{ occasion: 'deadline' as const, key: `deadline ${whole}`, day: whole, date: whole }] : []),
  ];
}

function terms(agreement: Drafted, lifecycle: Lifecycle, { today }: Surroundings): Anchor[] {
  const { term } = lifecycle.legalEffect(lifecycleFacts(agreement, today));
  if (!term?.until || term.isOver) return [];
  const { until, renews, noticeBy } = term;
  const occasion = renews ? ('renewal' as const) : ('expiry' as const);
  const isDenounced = agreement.lastMade.AgreementDenounced !== undefined && !renews;
  return [
    { occasion, key: `${occasion} ${until}`, day: until, date: until },
    ...(noticeBy && noticeBy >= today && !isDenounced
      ? [{ occasion: 'notice' as const, key: `notice ${noticeBy}`, day: noticeBy, date: noticeBy }]
      : []),
  ];
}

/** What the ways out of the stage wait for: visas, documents, full powers. */
function missing(agreement: Drafted, lifecycle: Lifecycle, { today }: Surroundings): Anchor[] {
  const facts = lifecycleFacts(agreement, today);
  const { since } = facts;
  const date = agreement.since;
  const ways = lifecycle.transitionsFrom(agreement.stage).filter(({ exceptional }) => !exceptional);
  const all = ways.flatMap((way) => lifecycle.missing(way, facts));
  const given = new Set(agreement.visas.map(({ visa }) => visa));
  const visas = lifecycle.visasIn(agreement.stage).filter(({ id, after = [] }) => {
    return !given.has(id) && after.every((one) => given.has(one));
  });
  const documents = new Set(all.flatMap((one) => (one.code === 'DOCUMENT_MISSING' ? [one.document] : [])));
  const wantsPowers = lifecycle.wantsFullPowers && lifecycle.kindOf(agreement.stage) === 'signature';
  const powerless = agreement.slots.filter(
    (slot) => isBinding(slot) && slot.status === 'open' && fullPowersOf(slot) === 'required',
  );
  return [
    ...visas.map(({ id, labels, roles }): Anchor => {
      const holders = roles.map((role) => `role:${role}`);
      return { occasion: 'visa', key: `visa ${id} ${date}`, day: since, date, what: labels, holders };
    }),
    ...(documents.size > 0
      ? [
          {
            occasion: 'documents' as const,
            key: `documents ${[...documents].sort().join()} ${date}`,
            day: since,
            date,
            what: listed([...documents].map(labelsOfDocument)),
          },
        ]
      : []),
    ...(wantsPowers && powerless.length > 0
      ? [
          {
            occasion: 'full-powers' as const,
            key: `full-powers ${date}`,
            day: since,
            date,
            waitingFor: [...new Set(powerless.map(({ party }) => party))],
          },
        ]
      : []),
  ];
}

/** Meetings to come with a partner while an agreement with that partner awaits signature. */
function opportunities(
  agreement: Drafted,
  lifecycle: Lifecycle,
  { desk, meetings, today }: Surroundings,
  countries: string[],
): Anchor[] {
  if (lifecycle.kindOf(agreement.stage) !== 'signature') return [];
  return meetings.flatMap((meeting): Anchor[] => {
    const day = rangeOf(meeting.heldOn).earliest;
    // Its own country meets everybody.
    const isWithPartner = meeting.countries.some((country) => country !== desk && countries.includes(country));
    if (!isWithPartner || day === undefined || day < today) return [];
    const waitingFor = openParties(agreement, lifecycle);
    return [
      { occasion: 'signing-opportunity', key: `meeting ${meeting.id} ${day}`, day, date: meeting.heldOn, waitingFor },
    ];
  });
}

/** How far ahead milestones that come again are looked for. */
const RECURS_WITHIN_MONTHS = 24;

/** What there is to remind of about a project. Pure. */
export function projectFacts(row: ProjectRow, today: string): SubjectFacts {
  const isOver = row.status === 'closed' || row.status === 'cancelled';
  const open = row.milestones.filter(({ status }) => status === 'planned');
  return {
    kind: 'project',
    id: row.id,
    owner: row.owner ?? undefined,
    countries: [],
    contacts: [],
    anchors: isOver
      ? []
      : planned([
          ...open.flatMap((milestone) => milestoneAnchors(milestone, today)),
          ...reports(row),
          ...row.partners.flatMap((partner): Anchor[] => {
            if (partner.organisation) return [];
            const key = `partner ${partner.role} ${partner.country ?? ''} ${partner.since}`;
            return [
              { occasion: 'partner', key, day: partner.since, date: partner.since, what: PARTNERS[partner.role] },
            ];
          }),
        ]),
  };
}

function milestoneAnchors(
  { milestone, title, plannedFor, recurrence, reviewOn }: ProjectRow['milestones'][number],
  today: string,
): Anchor[] {
  const what = label(title);
  const range = plannedFor === undefined ? undefined : rangeOf(plannedFor);
  if (recurrence) {
    return occurrencesOf(recurrence.rule, range, today).map((day) => {
      return {
        occasion: 'recurring-milestone',
        key: `milestone ${milestone} ${day}`,
        matter: `${milestone} ${day}`,
        day,
        date: day,
        what,
      };
    });
  }
  if (range?.latest) {
    const key = `milestone ${milestone} ${plannedFor}`;
    return [{ occasion: 'milestone', key, matter: milestone, day: range.latest, date: plannedFor!, what }];
  }
  if (!reviewOn) return [];
  return [
    {
      occasion: 'unknown-date',
      key: `milestone ${milestone} ${reviewOn}`,
      matter: milestone,
      day: reviewOn,
      date: reviewOn,
      what,
    },
  ];
}

/** The days on which a recurrence falls, from a month ago on. */
function occurrencesOf(rule: string, { earliest, latest }: Partial<DateRange> = {}, today: string): string[] {
  const last = [addMonths(today, RECURS_WITHIN_MONTHS), ...(latest && isPlannable(latest) ? [latest] : [])].sort()[0]!;
  const since = earliest && isPlannable(earliest) ? earliest : undefined;
  return recurringDays(rule, since, { from: addDays(today, -31), until: last });
}

/** Reports further apart than a century are a slip. */
const MOST_MONTHS = 1_200;

function reports({ status, started_on, reports: given, particulars }: ProjectRow): Anchor[] {
  const { reportsEveryMonths: every } = particulars;
  const start = started_on === null ? undefined : rangeOf(started_on).latest;
  if (!every || every > MOST_MONTHS || !start || !isPlannable(start) || status !== 'implementation') return [];
  const day = addMonths(start, every * (given.length + 1));
  return [{ occasion: 'report', key: `report ${day}`, day, date: day }];
}

/** What there is to remind of about a meeting: what it agreed and nobody has done. Pure. */
export function meetingFacts(row: MeetingRow): SubjectFacts {
  return {
    kind: 'meeting',
    id: row.id,
    countries: [],
    contacts: [],
    anchors: row.follow_ups.flatMap(({ followUp, title, owner, dueOn, done }): Anchor[] => {
      const day = dueOn === undefined ? undefined : rangeOf(dueOn).latest;
      if (done || day === undefined || !isPlannable(day)) return [];
      const key = `follow-up ${followUp} ${dueOn}`;
      return [
        { occasion: 'follow-up', key, day, date: dueOn!, what: label(title), ...(owner && { holders: [owner] }) },
      ];
    }),
  };
}
