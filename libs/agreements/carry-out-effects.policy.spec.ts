import { answersOf, type Order } from '#event-sourcing';
import { drafted, linked, made, stockLifecycles } from './agreement.builders.js';
import type { AgreementEvent, AgreementTerms } from './agreement.events.js';
import { carryOutEffects } from './carry-out-effects.policy.js';

const lifecycles = stockLifecycles();
const effectsOf = (lifecycle: string, transition: string) =>
  lifecycles.at({ id: lifecycle, version: 1 }).transition(transition)!.effects!;
const inForce = (lifecycle: string, effectiveOn = '2026-02-01'): AgreementEvent =>
  made(
    'AgreementEnteredIntoForce',
    { transition: 'x', from: 'a', to: 'in-force', effects: effectsOf(lifecycle, 'enter-into-force') },
    effectiveOn,
  );
const answers = (...events: AgreementEvent[]) => answersOf(carryOutEffects, 'subject', events);
const shortly = (commands: Order[]) =>
  commands.map(({ to, subject, command }) => {
    const { type, effectiveOn, startedOn } = command as { type: string; effectiveOn?: string; startedOn?: string };
    return [to, subject, type, effectiveOn ?? startedOn].join(' ');
  });
const project = (id: string, trigger: 'signature' | 'entry-into-force' | 'none'): AgreementEvent => ({
  type: 'ProjectLinked',
  data: { project: id, link: 'founds', trigger },
  effectiveOn: '2026-01-05',
});
const terms: AgreementTerms = { term: { months: 120 } };
const stated: AgreementEvent = { type: 'AmendmentStated', data: { terms }, effectiveOn: '2026-01-05' };

describe('what follows from a transition', () => {
  it('starts the projects that wait for nothing else', () => {
    const given = [drafted('treaty', 'a'), project('p1', 'none'), project('p2', 'entry-into-force')];
    expect(shortly(answers(...given, inForce('treaty')).at(-1)!)).toEqual(['project p1 StartProject 2026-02-01']);
  });

  it('suspends all of them', () => {
    const terminated: AgreementEvent = {
      type: 'AgreementTerminated',
      data: { transition: 'x', from: 'a', to: 'b', reason: 'Fin', effects: effectsOf('treaty', 'terminate') },
      effectiveOn: '2026-02-01',
    };
    const given = [drafted('treaty', 'a'), project('p1', 'none'), project('p2', 'signature')];
    const commands = answers(...given, terminated).at(-1)!;
    expect(shortly(commands)).toEqual(['project p1 SuspendProject 2026-02-01', 'project p2 SuspendProject 2026-02-01']);
    expect(commands[0]!.command).toMatchObject({ reason: 'Fin' });
  });

  it('changes the terms of the agreement that is amended, and ends the one that is superseded', () => {
    const amendment = [drafted('amendment', 'a'), linked('amends', 'parent'), stated, inForce('amendment')];
    const [amend] = answers(...amendment).at(-1)!;
    expect(amend).toEqual({
      to: 'agreement',
      subject: 'parent',
      command: { type: 'Amend', by: 'subject', terms, effectiveOn: '2026-02-01' },
    });
    const treaty = [drafted('treaty', 'a'), linked('supersedes', 'old'), inForce('treaty')];
    expect(shortly(answers(...treaty).at(-1)!)).toEqual(['agreement old Supersede 2026-02-01']);
  });

  it('follows as well where the link or the amended terms came later', () => {
    const linkedLater = [drafted('amendment', 'a'), stated, inForce('amendment'), linked('amends', 'parent')];
    expect(shortly(answers(...linkedLater).at(-1)!)).toEqual(['agreement parent Amend 2026-02-01']);
    const statedLater = [drafted('amendment', 'a'), linked('amends', 'parent'), inForce('amendment'), stated];
    expect(shortly(answers(...statedLater).at(-1)!)).toEqual(['agreement parent Amend 2026-02-01']);
  });

  it('tells each person once, in the words of the definition', () => {
    const amendment = drafted('amendment', 'a', { owner: 'drafter' });
    const commands = answers(amendment, inForce('amendment')).at(-1)!;
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({
      to: 'reminder',
      subject: 'agreement.subject',
      command: { type: 'Notify', notice: { recipient: 'drafter' } },
    });
  });

  it('tells nobody of what is entered as history', () => {
    expect(answers(drafted('amendment', 'a'), inForce('amendment', '2018-03-15')).at(-1)).toEqual([]);
  });
});
