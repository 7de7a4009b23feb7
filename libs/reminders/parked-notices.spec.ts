import fc from 'fast-check';
import { keptPosition, type Parked } from '#event-sourcing';
import { linkTo } from './links.js';
import { noticeOf } from './parked-notices.js';
import { reminderCommands, remindersOf } from './reminder.js';
import { sentencesOf } from './render.js';

const NOW = '2026-03-02T09:00:00.000Z';
const parked = (more: Partial<Parked> = {}): Parked => ({
  ...{ consumer: 'policy:start_projects', stream: 'agreement-sn', event: 'e', type: 'SignatureRecorded', revision: 3 },
  ...{ position: keptPosition('7'), reason: 'The date is none', since: NOW, tries: 1 },
  ...more,
});

it('administrators are told in three languages who set what aside, and why, with the way to the page', () => {
  const { subject, recipient, labels, date } = noticeOf(parked(), NOW);
  expect(recipient).toBe('role:administrator');
  const said = sentencesOf({ subject, title: subject.id, occasion: 'news', date, waitingFor: [], labels });
  for (const language of ['fr', 'en', 'ar'] as const)
    for (const part of ['policy:start_projects', 'agreement-sn', 'SignatureRecorded', 'The date is none.'])
      expect(said[language]).toContain(part);
  expect(linkTo('https://desk.example', subject)).toBe('https://desk.example/consumers');
});

it('the same event is told once, the next of the same stream again', () => {
  const keyOf = (more: Partial<Parked>) => noticeOf(parked(more), NOW).key;
  expect(keyOf({ tries: 9, reason: 'other' })).toBe(keyOf({}));
  expect(new Set([{}, { event: 'f' }, { stream: 'agreement-ci' }, { consumer: 'other' }].map(keyOf)).size).toBe(4);
});

it('whatever stands in a reason, it can be told, and names nobody’s address', () => {
  const { schema } = reminderCommands.definitions.Notify;
  const reason = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.constant('550 <amina@demo.example> unknown'),
  );
  fc.assert(
    fc.property(reason, fc.string({ minLength: 1, maxLength: 60 }), (why, consumer) => {
      const notice = noticeOf(parked({ reason: why, consumer: `c${consumer}` }), NOW);
      expect(schema.safeParse({ notice }).error).toBeUndefined();
      expect(remindersOf(notice.subject)).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,199}$/);
      expect(notice.labels.fr).not.toContain('amina@demo.example');
    }),
  );
});
