import { changesOf } from './changes.js';

const event = (type: string, data: object) => ({ type, data });

describe('what an event changed', () => {
  it('is what was said otherwise before', () => {
    const [, corrected, same] = changesOf([
      event('OrganisationRegistered', { name: 'AMCI', kind: 'agency' }),
      event('OrganisationRenamed', { name: 'Agence marocaine' }),
      event('OrganisationRenamed', { name: 'Agence marocaine' }),
    ]);
    expect(corrected).toEqual([{ field: 'name', before: 'AMCI', after: 'Agence marocaine' }]);
    expect(same).toEqual([]);
  });

  it('is told of each slot and milestone by itself, and a reason is no state', () => {
    const changes = changesOf([
      event('SignatureRecorded', { slot: 'ma', party: 'ma', signedOn: '2018-03-15' }),
      event('SignatureRecorded', { slot: 'sn', party: 'sn', signedOn: '2018-03-16' }),
      event('SignatureCorrected', { slot: 'ma', party: 'ma', signedOn: '2018-03-14', reason: 'Faute de frappe' }),
      event('MilestonePlanned', { milestone: 'm1', title: 'Rapport', plannedFor: '2016-11' }),
      event('MilestoneRescheduled', { milestone: 'm1', from: '2016-11', to: '2016-12', reason: '-' }),
    ]);
    expect(changes).toEqual([
      [],
      [],
      [{ field: 'signedOn', part: 'ma', before: '2018-03-15', after: '2018-03-14' }],
      [],
      [{ field: 'plannedFor', part: 'm1', before: '2016-11', after: '2016-12' }],
    ]);
  });

  it('of a document is none of the agreement, nor of another document', () => {
    const document = (sha256: string, title: string) => event('DocumentAttached', { sha256, title, document: 'annex' });
    const changes = changesOf([
      event('AgreementDrafted', { title: 'Accord' }),
      document('a1', 'Convention'),
      document('b2', 'Annexe'),
      document('a1', 'Convention signée'),
    ]);
    const named = { field: 'title', part: 'a1', before: 'Convention', after: 'Convention signée' };
    expect(changes).toEqual([[], [], [], [named]]);
  });

  it('is the stage, where a transition was made', () => {
    const [, , back] = changesOf([
      event('AgreementDrafted', { title: 'a', stage: 'drafting' }),
      event('AgreementApproved', { transition: 'approve', from: 'drafting', to: 'approved' }),
      event('AgreementReturned', { transition: 'return', from: 'approved', to: 'drafting', reason: '-' }),
    ]);
    expect(back).toEqual([{ field: 'stage', before: 'approved', after: 'drafting' }]);
  });
});
