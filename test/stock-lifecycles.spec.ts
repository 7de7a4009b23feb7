import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type AgreementCommand, type AgreementEvent, agreementDecider, type SignatureSlot } from '#agreements';
import { fold, Refusal } from '#event-sourcing';
import {
  DOCUMENT_TYPES,
  Lifecycle,
  type LifecycleDefinition,
  Lifecycles,
  pictureOf,
  TRANSITION_EVENTS,
} from '#lifecycle';
import { authorise, DESK, ROLES, type Role } from '#roles';

/** What the documentation says of the stock definitions is what the engine does: it is written by this test. */
const PAGE = 'docs/reference/stock-lifecycles.md';
const FOLDER = 'libs/lifecycle/stock';
const TODAY = '2026-11-24';

const stock = Lifecycle.from(parse(readFileSync(`${FOLDER}/agreement.yaml`, 'utf8')));
const slots: SignatureSlot[] = ['ma', 'sn'].map((party) => ({ id: party, party, office: 'foreign-minister' }));
const initials: SignatureSlot[] = ['ma', 'sn'].map((party) => ({ id: `${party}-initials`, party, act: 'initialling' }));

/** What comes of a command of a user with one role, upon an agreement that stands in a stage: `done`, `nothing` or why not. */
function outcomeOf(lifecycles: Lifecycles, events: AgreementEvent[], command: AgreementCommand, role: Role): string {
  const decider = agreementDecider(lifecycles);
  const actor = { kind: 'user' as const, id: 'somebody-else', roles: [role] };
  try {
    authorise(actor, command.type, DESK);
    const state = fold(decider, events, () => `${TODAY}T12:00:00Z`);
    const decided = decider.decide(command, state, { today: TODAY, now: `${TODAY}T12:00:00Z`, actor });
    return decided.length > 0 ? 'done' : 'nothing';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.code;
  }
}

/** An agreement in a stage, with all that any transition could require: nothing but the stage and the role decides. */
function standingIn(definition: LifecycleDefinition, stage: string, visas: boolean): AgreementEvent[] {
  const on = '2026-01-05';
  const particulars = {
    title: 'x',
    type: 'treaty' as const,
    parties: [{ organisation: 'ma' }, { organisation: 'sn' }],
  };
  const ref = { id: definition.id, version: 1 };
  const transitions = definition.transitions.map(({ records }) => records);
  const made = TRANSITION_EVENTS.filter((event) => transitions.includes(event)).map((type) => ({
    type,
    data: { transition: 'before', from: stage, to: stage },
    effectiveOn: on,
  }));
  return [
    {
      type: 'AgreementDrafted',
      data: {
        ...particulars,
        ...{ owner: 'owner', binding: 'yes', framework: 'x', source: { document: 'x' } },
        ...{ stage, slots: [...slots, ...initials], draftedBy: 'drafter', lifecycle: ref },
      },
      effectiveOn: on,
    },
    ...(made as AgreementEvent[]),
    { type: 'AgreementLinked', data: { agreement: 'other', link: 'amends' }, effectiveOn: on },
    ...DOCUMENT_TYPES.map(
      (document): AgreementEvent => ({
        type: 'DocumentAttached',
        data: { document, title: document },
        effectiveOn: on,
      }),
    ),
    ...initials.map(
      ({ id, party }): AgreementEvent => ({
        type: 'SignatureRecorded',
        data: { slot: id, party, signedOn: on },
        effectiveOn: on,
      }),
    ),
    ...(visas ? (definition.visas ?? []) : []).map(
      ({ id }): AgreementEvent => ({ type: 'VisaGiven', data: { visa: id, by: 'giver' }, effectiveOn: on }),
    ),
  ];
}

function commandsOf({ transitions, visas = [] }: LifecycleDefinition): [string, AgreementCommand][] {
  return [
    ...transitions
      .filter(({ automatic }) => !automatic)
      .map(({ id }): [string, AgreementCommand] => [id, { type: 'MakeTransition', transition: id, reason: 'why' }]),
    ...visas.map(({ id }): [string, AgreementCommand] => [`visa: ${id}`, { type: 'GiveVisa', visa: id }]),
    ['sign', { type: 'RecordSignature', slot: 'ma', signedOn: TODAY }],
    ['decline', { type: 'DeclineSignature', slot: 'ma', reason: 'why' }],
  ];
}

/** Stage, command, and which of the roles may give it; the commands that nobody may give there are left out. */
function table(definition: LifecycleDefinition): string {
  const lifecycles = new Lifecycles(stock);
  lifecycles.add({ id: definition.id, version: 1, lifecycle: Lifecycle.from(definition) });
  const rows = definition.stages.flatMap(({ id: stage }) => {
    const [withVisas, without] = [standingIn(definition, stage, true), standingIn(definition, stage, false)];
    return commandsOf(definition).flatMap(([name, command]) => {
      const events = command.type === 'GiveVisa' ? visasBefore(definition, command.visa, without) : withVisas;
      const marks = ROLES.map((role) => (outcomeOf(lifecycles, events, command, role) === 'done' ? '✓' : ''));
      return marks.some(Boolean) ? [`| ${stage} | ${name} | ${marks.join(' | ')} |`] : [];
    });
  });
  return [`| stage | command | ${ROLES.join(' | ')} |`, `| --- | --- |${' --- |'.repeat(ROLES.length)}`, ...rows].join(
    '\n',
  );
}

function visasBefore({ visas = [] }: LifecycleDefinition, visa: string, events: AgreementEvent[]): AgreementEvent[] {
  const first = visas.find(({ id }) => id === visa)?.after ?? [];
  return [
    ...events,
    ...first.map(
      (id): AgreementEvent => ({ type: 'VisaGiven', data: { visa: id, by: 'giver' }, effectiveOn: '2026-01-05' }),
    ),
  ];
}

/** What the file says of itself in its first lines. */
const introduction = (text: string): string =>
  text
    .split('\n')
    .slice(
      0,
      text.split('\n').findIndex((line) => !line.startsWith('#')),
    )
    .map((line) => line.slice(2))
    .join('\n');

function page(): string {
  const sections = readdirSync(FOLDER).map((file) => {
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
    const definition: LifecycleDefinition = parse(text);
    const picture = `\`\`\`mermaid\n${pictureOf(definition)}\n\`\`\``;
    return `## ${definition.labels.en}\n${introduction(text)}\n\n${picture}\n\n${table(definition)}`;
  });
  return `# Stock lifecycles
They lie in \`${FOLDER}\` and are published at the first start. An agreement comes under the one for its type, or else under
*Agreement (stock)*.
In a picture a star marks what happens by itself. The tables say who may give which command in which stage, once all that it
requires is there; what is not in them is refused.

${sections.join('\n\n')}
`;
}

it('the page about the stock definitions says what the engine does', () => {
  const written = page();
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, written);
  expect(readFileSync(PAGE, 'utf8')).toBe(written);
});

it('nobody but the desk may give any command', () => {
  const definition: LifecycleDefinition = parse(readFileSync(`${FOLDER}/treaty.yaml`, 'utf8'));
  const lifecycles = new Lifecycles(stock);
  lifecycles.add({ id: definition.id, version: 1, lifecycle: Lifecycle.from(definition) });
  for (const { id: stage } of definition.stages) {
    for (const [, command] of commandsOf(definition)) {
      for (const role of ['reader', 'auditor'] as const) {
        expect(outcomeOf(lifecycles, standingIn(definition, stage, true), command, role)).toBe('FORBIDDEN');
      }
    }
  }
});
