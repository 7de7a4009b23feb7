import { answersOf, type Order } from '#event-sourcing';
import { drafted, made } from './agreement.builders.js';
import type { AgreementEvent } from './agreement.events.js';
import { startProjects } from './start-projects.policy.js';

const linked = (project: string, trigger: 'signature' | 'entry-into-force' | 'none'): AgreementEvent => ({
  type: 'ProjectLinked',
  data: { project, link: 'founds', trigger },
  effectiveOn: '2026-01-05',
});
const signedOn = (effectiveOn: string): AgreementEvent =>
  made('AgreementSigned', { transition: 'sign', from: 'partly-signed', to: 'signed' }, effectiveOn);
const inForceOn = (effectiveOn: string): AgreementEvent =>
  made('AgreementEnteredIntoForce', { transition: 'x', from: 'signed', to: 'in-force' }, effectiveOn);
const corrected = (agreementSignedOn: string): AgreementEvent => ({
  type: 'SignatureCorrected',
  data: { slot: 'ma', party: 'ma', reason: 'x', agreementSignedOn },
  effectiveOn: '2026-03-02',
});
const given = drafted('treaty', 'drafting');
const last = (...events: AgreementEvent[]): Order[] => answersOf(startProjects, 'subject', [given, ...events]).at(-1)!;
const start = (subject: string, startedOn: string): Order => ({
  to: 'project',
  subject,
  command: { type: 'StartProject', startedOn } as Order['command'],
});

describe('a project that its agreement starts', () => {
  it('starts on the day that its link waits for, and no other does', () => {
    const links = [linked('p1', 'signature'), linked('p2', 'entry-into-force'), linked('p3', 'none')];
    expect(last(...links, signedOn('2026-02-01'))).toEqual([start('p1', '2026-02-01')]);
    expect(last(...links, signedOn('2026-02-01'), inForceOn('2026-02-20'))).toEqual([start('p2', '2026-02-20')]);
  });

  it('starts at once, on that day, when it is linked later', () => {
    expect(last(signedOn('2026-02-01'), linked('p1', 'signature'))).toEqual([start('p1', '2026-02-01')]);
  });

  it('starts once, however often the agreement is signed', () => {
    expect(last(linked('p1', 'signature'), signedOn('2026-02-01'), signedOn('2026-02-10'))).toEqual([]);
  });

  it('has its start corrected with the day of signature, and later links go by the right day', () => {
    const history = [linked('p1', 'signature'), signedOn('2026-02-01'), corrected('2026-01-30')];
    expect(last(...history)).toEqual([
      { to: 'project', subject: 'p1', command: { type: 'CorrectStart', startedOn: '2026-01-30', reason: 'x' } },
    ]);
    expect(last(...history, linked('p2', 'signature'))).toEqual([start('p2', '2026-01-30')]);
  });
});
