import { readFileSync } from 'node:fs';
import { ADMIN, APPROVER, type ApiUser, eventually, OFFICER, Paraphe } from './support/paraphe.js';
import { oneIn } from './support/sample.js';
import { story } from './support/story.js';

const long = oneIn(2);

let paraphe: Paraphe;
let administrator: ApiUser;
let officer: ApiUser;
let approver: ApiUser;

const convention = readFileSync('libs/lifecycle/stock/specific-convention.yaml', 'utf8');
const memorandum = readFileSync('libs/lifecycle/stock/memorandum-of-understanding.yaml', 'utf8');
const publish = (user: ApiUser, id: string, text: string) =>
  user.send<{ version: number }>('PUT', `lifecycles/${id}`, text, {});
const draft = async (id: string, type: string, more: object = {}) => {
  const parties = [{ organisation: 'ma' }, { organisation: 'sn' }];
  expect((await officer.post('agreements', { id, title: id, type, parties, ...more })).status).toBe(201);
};
const agreement = async (id: string, user = officer) => (await user.get(`agreements/${id}`)).body;
const blockedBy = async (id: string, transition: string) => {
  const { allowedTransitions } = await agreement(id);
  const found = allowedTransitions.find((one: { id: string }) => one.id === transition);
  return found.blockedBy.map(({ labels }: { labels: { fr: string } }) => labels.fr);
};

beforeAll(async () => {
  paraphe = await Paraphe.start();
  [administrator, officer, approver] = (await Promise.all(
    [ADMIN, OFFICER, APPROVER].map((user) => paraphe.as(user)) as never,
  )) as [ApiUser, ApiUser, ApiUser];
});
afterAll(() => paraphe.remove());

long('a definition is checked by the command line, which says by its exit code whether it is sound', () => {
  const check = (text: string) => paraphe.cli(['lifecycle', 'check', '-'], [], {}, text);
  expect(check(convention)).toMatchObject({ status: 0, stdout: 'The definition is sound.\n' });
  const refused = check(convention.replace('initial: drafting', 'initial: draftin'));
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/line \d+: initial: there is no stage 'draftin' \(did you mean 'drafting'\?\)/);
});

story(
  'definitions are published, agreements go by them, and are migrated to later versions',
  (step) => {
    const sampled = oneIn(2, 1, step);

    // A definition written in a text editor.
    step('is checked before it is published: every defect with its line, its place and what was meant', async () => {
      const broken = convention
        .replace('to: review', 'to: reviw')
        .replace('visas: [legal, budget]', 'visas: [leagl, budget]');
      const lineOf = (text: string) => broken.split('\n').findIndex((line) => line.includes(text)) + 1;
      const { status, body } = await officer.post('lifecycles/check', broken);
      expect(status).toBe(200);
      expect(body.defects).toEqual([
        {
          line: lineOf('to: reviw'),
          place: 'transitions.submit.to',
          message: "there is no stage 'reviw'",
          suggestion: "did you mean 'review'?",
        },
        {
          line: lineOf('leagl'),
          place: 'transitions.authorise.requires.0.visas.0',
          message: "there is no visa 'leagl'",
          suggestion: "did you mean 'legal'?",
        },
      ]);
      expect(await publish(administrator, 'specific-convention', broken)).toMatchObject({
        status: 422,
        body: { code: 'LIFECYCLE.DEFECTS' },
      });
    });

    step('is published by administrators only, as a new version; the same once more publishes nothing', async () => {
      expect((await publish(officer, 'specific-convention', convention)).status).toBe(403);
      expect((await publish(administrator, 'treaty', convention)).status).toBe(422);
      expect((await publish(administrator, 'specific-convention', convention)).body.version).toBe(1);
      expect((await publish(administrator, 'specific-convention', convention)).body.version).toBe(1);
      expect((await publish(administrator, 'memorandum-of-understanding', memorandum)).body.version).toBe(1);
    });

    // An agreement under it.
    step('goes its whole way, and each step says in words what it waits for', async () => {
      await draft('cs-1', 'specific-convention');
      expect((await agreement('cs-1')).lifecycle).toEqual({ id: 'specific-convention', version: 1 });
      expect(await blockedBy('cs-1', 'submit')).toEqual([
        'À renseigner : le responsable.',
        'Document à joindre : le projet de texte.',
      ]);
      const refused = await officer.post('agreements/cs-1/transitions/submit');
      expect(refused).toMatchObject({ status: 409, body: { code: 'AGREEMENT.REQUIREMENTS_MISSING' } });
      expect(refused.body.missing.map(({ code }: { code: string }) => code)).toEqual([
        'FIELD_MISSING',
        'DOCUMENT_MISSING',
      ]);

      await officer.post('agreements/cs-1/owner', { owner: 'demo-officer' });
      await officer.post('agreements/cs-1/documents', { document: 'draft', title: 'Projet de texte' });
      expect((await officer.post('agreements/cs-1/transitions/submit')).status).toBe(201);

      expect(await officer.post('agreements/cs-1/visas', { visa: 'budget' })).toMatchObject({
        body: { code: 'AGREEMENT.VISA_TOO_EARLY' },
      });
      expect(await officer.post('agreements/cs-1/visas', { visa: 'legal' })).toMatchObject({
        status: 403,
        body: { code: 'AGREEMENT.VISA_RESERVED' },
      });
      expect((await approver.post('agreements/cs-1/visas', { visa: 'legal', note: 'Sans réserve' })).status).toBe(201);
      expect(await approver.post('agreements/cs-1/visas', { visa: 'budget' })).toMatchObject({
        status: 403,
        body: { code: 'AGREEMENT.VISA_BY_SAME_PERSON' },
      });
      expect(await blockedBy('cs-1', 'authorise')).toEqual([
        'Visa requis : service du budget.',
        'Réservé au rôle : approbateur.',
      ]);
      expect((await officer.post('agreements/cs-1/visas', { visa: 'budget' })).status).toBe(201);
      expect((await approver.post('agreements/cs-1/transitions/authorise')).status).toBe(201);

      await officer.post('agreements/cs-1/documents', { document: 'final-text', title: 'Texte' });
      expect((await officer.post('agreements/cs-1/transitions/send-for-signature')).status).toBe(201);
      for (const slot of ['ma', 'sn'])
        await officer.post('agreements/cs-1/signatures', { slot, signedOn: '2026-01-05' });
      const view = await agreement('cs-1');
      expect(view.stage).toMatchObject({ id: 'in-force', kind: 'active' });
      expect(
        view.visas.map(({ id, given }: { id: string; given: { by: { id: string } } }) => [id, given.by.id]),
      ).toEqual([
        ['legal', 'demo-approver'],
        ['budget', 'demo-officer'],
      ]);
      expect(view.documents).toHaveLength(2);
    });

    step('shows a corrected signature, and keeps the wrong one in its history', async () => {
      const corrected = { signedOn: '2026-01-04', reason: 'Date de réception', signatory: { name: 'Mme la Ministre' } };
      const answer = await officer.post('agreements/cs-1/signatures/sn/correct', corrected);
      expect(answer.status).toBe(201);
      const { slots, signedOn } = (await officer.get(`agreements/cs-1?after=${answer.body.position}`)).body;
      const slot = slots.find(({ id }: { id: string }) => id === 'sn');
      expect(slot).toMatchObject({ status: 'signed', signedOn: '2026-01-04', signatory: { name: 'Mme la Ministre' } });
      expect(signedOn.edtf).toBe('2026-01-05');
      const history = await eventually(
        async () => (await officer.get('agreements/cs-1/history')).body.items,
        (items) => items.some(({ type }: { type: string }) => type === 'SignatureCorrected'),
      );
      const recorded = history.filter(
        ({ type, data }: { type: string; data: { slot?: string } }) =>
          type.startsWith('Signature') && data.slot === 'sn',
      );
      expect(
        recorded.map(({ type, data }: { type: string; data: { signedOn: string } }) => [type, data.signedOn]),
      ).toEqual([
        ['SignatureCorrected', '2026-01-04'],
        ['SignatureRecorded', '2026-01-05'],
      ]);
    });

    step('is sent back with a reason, and its visas are void', async () => {
      await draft('cs-2', 'specific-convention', { owner: 'demo-officer' });
      await officer.post('agreements/cs-2/documents', { document: 'draft', title: 'Projet' });
      await officer.post('agreements/cs-2/transitions/submit');
      await approver.post('agreements/cs-2/visas', { visa: 'legal' });
      await officer.post('agreements/cs-2/visas/budget/refuse', { reason: 'Le coût n’est pas chiffré.' });
      expect((await officer.post('agreements/cs-2/transitions/return', { reason: 'À chiffrer' })).status).toBe(201);
      await officer.post('agreements/cs-2/transitions/submit');
      expect(await blockedBy('cs-2', 'authorise')).toEqual([
        'Visa requis : service juridique.',
        'Visa requis : service du budget.',
        'Réservé au rôle : approbateur.',
      ]);
    });

    step('passes over what is missing only by two people, with a reason that stays', async () => {
      await draft('cs-4', 'specific-convention');
      const path = 'agreements/cs-4/transitions/submit';
      expect(await approver.post(`${path}/override/grant`)).toMatchObject({
        status: 409,
        body: { code: 'AGREEMENT.OVERRIDE_NOT_REQUESTED' },
      });
      expect((await officer.post(`${path}/override`, { reason: 'Signature lundi' })).status).toBe(201);
      expect((await officer.post(`${path}/override/grant`)).status).toBe(403);
      expect((await officer.post(path)).body.code).toBe('AGREEMENT.REQUIREMENTS_MISSING');
      expect((await approver.post(`${path}/override/grant`)).status).toBe(201);
      expect((await officer.post(path)).status).toBe(201);
      expect((await agreement('cs-4')).stage.id).toBe('review');
      const history = await eventually(
        async () => (await officer.get('agreements/cs-4/history')).body.items,
        (items) => items.some(({ type }: { type: string }) => type === 'AgreementSubmitted'),
      );
      expect(history.find(({ type }: { type: string }) => type === 'AgreementSubmitted').data.overridden).toEqual([
        'FIELD_MISSING',
        'DOCUMENT_MISSING',
      ]);
      expect(history.find(({ type }: { type: string }) => type === 'OverrideRequested').data.reason).toBe(
        'Signature lundi',
      );
    });

    step('moves by itself as soon as all that an automatic transition requires is there', async () => {
      await draft('mou-1', 'memorandum-of-understanding');
      await officer.post('agreements/mou-1/documents', { document: 'final-text', title: 'Texte' });
      expect((await agreement('mou-1')).stage.id).toBe('drafting');
      await approver.post('agreements/mou-1/visas', { visa: 'legal' });
      const { stage, slots } = await agreement('mou-1');
      expect(stage).toMatchObject({ id: 'awaiting-signature', kind: 'signature' });
      expect(slots).toHaveLength(2);
    });

    step(
      'of a type without a definition of its own comes under the stock lifecycle, or one that is named',
      async () => {
        await draft('pr-1', 'protocol');
        await draft('pr-2', 'protocol', { lifecycle: 'specific-convention' });
        expect((await agreement('pr-1')).lifecycle).toEqual({ id: 'agreement', version: 1 });
        expect((await agreement('pr-2')).lifecycle).toEqual({ id: 'specific-convention', version: 1 });
        const refused = await officer.post('agreements', {
          title: 'x',
          type: 'protocol',
          parties: [{ organisation: 'ma' }],
          lifecycle: 'nowhere',
        });
        expect(refused).toMatchObject({
          status: 422,
          body: { code: 'AGREEMENT.LIFECYCLE_NOT_PUBLISHED', field: 'lifecycle' },
        });
      },
    );

    // An agreement that needs domestic procedures.
    step('waits for the notifications, says when it will be in force, and is so by itself', async () => {
      const text = readFileSync('libs/lifecycle/stock/cooperation-agreement.yaml', 'utf8');
      await publish(administrator, 'cooperation-agreement', text);
      await draft('ca-1', 'cooperation-agreement', { stage: 'awaiting-signature' });
      for (const [slot, signedOn] of [
        ['ma', '2010-03-01'],
        ['sn', '2010-03-02'],
      ]) {
        await officer.post('agreements/ca-1/signatures', { slot, signedOn });
      }
      const signed = await agreement('ca-1');
      expect(signed.stage.id).toBe('domestic-procedures');
      expect(signed.legal.entryIntoForce).toMatchObject({
        status: 'pending',
        awaited: [{ fr: expect.stringMatching(/^Attend la notification ou l’instrument de : .*Maroc.*Sénégal/) }],
      });

      await officer.post('agreements/ca-1/consents', { party: 'ma', act: 'notification', on: '2010-11-20' });
      const forecast = await officer.post('agreements/ca-1/forecast', {
        consents: [{ party: 'sn', act: 'notification', on: '2011-06-01' }],
        on: '2012-01-01',
      });
      expect(forecast.body).toMatchObject({
        entryIntoForce: {
          status: 'determined',
          on: { edtf: '2011-08-01' },
          because: { what: 'consent', on: { edtf: '2011-06-01' } },
        },
        term: { until: { edtf: '2016-08-01' }, noticeBy: { edtf: '2016-02-01' }, renews: true },
      });
      expect((await agreement('ca-1')).stage.id).toBe('domestic-procedures');

      expect(
        await officer.post('agreements/ca-1/consents', { party: 'be', act: 'notification', on: '2010-12-28' }),
      ).toMatchObject({ status: 422, body: { code: 'AGREEMENT.NOT_A_PARTY' } });
      await officer.post('agreements/ca-1/consents', {
        party: 'sn',
        act: 'notification',
        on: '2010-12-28',
        receivedOn: '2011-01-04',
      });
      const view = await agreement('ca-1');
      expect(view.stage).toMatchObject({ id: 'in-force', kind: 'active', since: { edtf: '2011-03-01' } });
      expect(view.legal.entryIntoForce).toMatchObject({
        on: { edtf: '2011-03-01' },
        because: { on: { edtf: '2011-01-04' } },
      });
      expect(view.legal.term.renewals).toBeGreaterThanOrEqual(10);
    });

    step('follows its own terms where it states some', async () => {
      await draft('ca-2', 'cooperation-agreement', { stage: 'awaiting-signature' });
      await officer.post('agreements/ca-2/terms', { entryIntoForce: { on: 'signature' }, term: { months: 24 } });
      for (const slot of ['ma', 'sn'])
        await officer.post('agreements/ca-2/signatures', { slot, signedOn: '2015-05-05' });
      const { stage, legal } = await agreement('ca-2');
      expect(stage).toMatchObject({ id: 'in-force', since: { edtf: '2015-05-05' } });
      expect(legal.term).toMatchObject({ until: { edtf: '2017-05-05' }, isOver: true });
    });

    step('moves on at once under a version by which its day has come', async () => {
      const text = readFileSync('libs/lifecycle/stock/cooperation-agreement.yaml', 'utf8').replace(
        '  - id: give-notice',
        '  - { id: expire, from: [in-force], to: terminated, records: AgreementExpired, automatic: ready, labels: { fr: Échéance, en: Expiry, ar: انقضاء }, requires: [{ term: over }] }\n  - id: give-notice',
      );
      await publish(administrator, 'cooperation-agreement', text);
      const migration = { toVersion: 2, agreements: ['ca-2'], reason: 'Échéance automatique' };
      await administrator.post('lifecycles/cooperation-agreement/migrations', migration);
      const { stage } = await agreement('ca-2');
      expect(stage).toMatchObject({ id: 'terminated', since: { edtf: '2017-05-05' } });
      expect((await agreement('ca-1')).stage.id).toBe('in-force');
    });

    // What follows from a transition.
    step('an amendment in force changes the terms of the agreement that it amends, from its own day on', async () => {
      expect((await agreement('ca-1')).legal.term.noticeBy).toBeDefined();
      await draft('av-1', 'amendment', { stage: 'awaiting-signature' });
      await officer.post('agreements/av-1/links', { agreement: 'ca-1', link: 'amends' });
      await officer.post('agreements/av-1/amendment', { terms: { term: { months: 240 } } });
      await officer.post('agreements/av-1/terms', { entryIntoForce: { on: 'signature' } });
      for (const slot of ['ma', 'sn'])
        await officer.post('agreements/av-1/signatures', { slot, signedOn: '2026-05-05' });
      expect((await agreement('av-1')).stage).toMatchObject({ id: 'in-force', since: { edtf: '2026-05-05' } });
      const parent = await eventually(
        () => agreement('ca-1'),
        ({ links }) => links.length > 0,
      );
      expect(parent.links).toEqual([{ agreement: 'av-1', link: 'amended-by', title: 'av-1' }]);
      expect(parent.legal.term).toMatchObject({ until: { edtf: '2031-03-01' }, renews: false });
      const history = await eventually(
        async () => (await officer.get('agreements/ca-1/history')).body.items,
        (items) => items.some(({ type }: { type: string }) => type === 'AgreementAmended'),
      );
      expect(history.find(({ type }: { type: string }) => type === 'AgreementAmended')).toMatchObject({
        effectiveOn: { edtf: '2026-05-05' },
        cause: { subject: 'av-1', type: 'AgreementEnteredIntoForce' },
      });
    });

    step(
      'a later agreement ends the one that it supersedes; the follow-up is there, and those in the role are told',
      async () => {
        await draft('cs-5', 'specific-convention', { stage: 'awaiting-signature', owner: 'demo-officer' });
        for (const slot of ['ma', 'sn'])
          await officer.post('agreements/cs-5/signatures', { slot, signedOn: '2026-11-20' });
        const { followUps } = await agreement('cs-5');
        expect(followUps).toMatchObject([
          { id: 'archive', dueOn: { edtf: '2026-12-04' }, owner: { id: 'demo-officer' } },
        ]);
        await officer.post('agreements/cs-5/follow-ups/archive/close', { note: 'Rangé' });
        expect((await agreement('cs-5')).followUps).toEqual([]);
        const { body: told } = await eventually(
          () => administrator.get('reminders?agreement=cs-5&rule=news&recipient=role:approver'),
          ({ body }) => body.items[0]?.message,
        );
        const { body } = await administrator.get(`messages/${told.items[0].message}`);
        expect(body.subject).toMatch(/^Pour information/);
        expect(body.text).toContain('– cs-5\n  Le 20 novembre 2026. La convention est signée et en vigueur.');

        await draft('ca-4', 'cooperation-agreement', { stage: 'domestic-procedures' });
        await officer.post('agreements/ca-4/links', { agreement: 'cs-5', link: 'supersedes' });
        for (const party of ['ma', 'sn'])
          await officer.post('agreements/ca-4/consents', { party, act: 'notification', on: '2026-09-10' });
        expect((await agreement('ca-4')).stage.since.edtf).toBe('2026-11-01');
        const { stage } = await eventually(
          () => agreement('cs-5'),
          ({ stage: now }) => now.id === 'terminated',
        );
        expect(stage.since.edtf).toBe('2026-11-01');
      },
    );

    // A definition that is only tried.
    step('says which agreements would have been stopped where, and changes nothing', async () => {
      const before = (await agreement('cs-1')).revision;
      const stricter = convention
        .replace('visas: [legal, budget]', 'visas: [legal, budget]\n      - documents: [financial-sheet]')
        .replace(
          '    requires:\n      - documents: [final-text]',
          '    requires:\n      - documents: [final-text]\n      - days: { since: AgreementApproved, atLeast: 15 }',
        );
      const { status, body } = await officer.post('lifecycles/what-if', stricter);
      expect(status).toBe(200);
      expect(body).toMatchObject({ stopped: 1, delayDays: 15 });
      expect(body.tried).toBeGreaterThanOrEqual(2);
      const { stops } = body.items.find((one: { agreement: string }) => one.agreement === 'cs-1');
      expect(
        stops.map(({ transition, missing }: { transition: string; missing: { fr: string }[] }) => [
          transition,
          missing[0]!.fr.slice(0, 20),
        ]),
      ).toEqual([
        ['authorise', 'Document à joindre :'],
        ['send-for-signature', 'Possible à partir du'],
      ]);
      expect((await agreement('cs-1')).revision).toBe(before);
      expect(await officer.post('lifecycles/what-if', 'id: x')).toMatchObject({
        status: 422,
        body: { code: 'LIFECYCLE.DEFECTS' },
      });
    });

    step('as it is published stops nothing that went by it', async () => {
      const { body } = await officer.post('lifecycles/what-if', convention);
      const stopped = body.items.filter(({ stops }: { stops: unknown[] }) => stops.length > 0);
      expect(stopped).toEqual([]);
    });

    // A new version.
    const second = convention
      .replaceAll('review', 'examination')
      .replace('requires:\n      - fields: [owner]', 'requires:\n      - fields: [owner, binding]')
      .replace('deadline: { workingDays: 20 }', 'deadline: { workingDays: 10 }');
    const plan = { toVersion: 2, reason: 'Circulaire de novembre', stages: { review: 'examination' } };

    step('leaves agreements under way where they are', async () => {
      expect((await publish(administrator, 'specific-convention', second)).body.version).toBe(2);
      expect((await agreement('cs-2')).lifecycle.version).toBe(1);
      expect((await agreement('cs-2')).stage.id).toBe('review');
      await draft('cs-3', 'specific-convention');
      expect((await agreement('cs-3')).lifecycle.version).toBe(2);
    });

    step('is migrated to after a preview that changes nothing and says what it would do to each', async () => {
      const position = (await officer.post('agreements/pr-2/documents', { document: 'draft', title: 'Projet' })).body
        .position;
      await officer.get(`agreements?after=${position}`);
      const preview = await administrator.post('lifecycles/specific-convention/migrations?dryRun=true', {
        ...plan,
        stages: {},
      });
      const fates = new Map(preview.body.items.map((one: { agreement: string }) => [one.agreement, one]));
      expect([...fates.keys()]).toEqual(['be-migration-2018', 'cs-1', 'cs-2', 'cs-4', 'cs-5', 'pr-2']);
      expect(fates.get('cs-2')).toMatchObject({
        fate: 'refused',
        message: expect.stringContaining("no stage 'review'"),
      });
      expect(fates.get('pr-2')).toMatchObject({
        fate: 'migrated',
        stage: { from: 'drafting', to: 'drafting' },
        newlyMissing: [{ transition: 'submit', missing: [{ fr: 'À renseigner : le caractère contraignant.' }] }],
      });
      expect((await agreement('pr-2')).lifecycle.version).toBe(1);
    });

    step('says which deadlines change', async () => {
      const { body } = await administrator.post('lifecycles/specific-convention/migrations?dryRun=true', plan);
      const { deadlines } = body.items.find((one: { agreement: string }) => one.agreement === 'cs-2');
      expect(deadlines.before.stage > deadlines.after.stage).toBe(true);
      expect(deadlines.before.whole).toBe(deadlines.after.whole);
    });

    step('is refused whole, with the list, where one of the agreements cannot come under it as it stands', async () => {
      const path = 'lifecycles/specific-convention/migrations';
      const refused = await administrator.post(path, { ...plan, stages: {} });
      expect(refused).toMatchObject({ status: 409, body: { code: 'LIFECYCLE.MIGRATION_HAS_REFUSALS' } });
      expect(refused.body.items.filter(({ fate }: { fate: string }) => fate === 'refused')).toMatchObject([
        { agreement: 'cs-2', message: expect.stringContaining("no stage 'review'") },
        { agreement: 'cs-4' },
      ]);
      expect((await agreement('pr-2')).lifecycle.version).toBe(1);
      const unknown = await administrator.post(path, { ...plan, stages: { revue: 'examinaton' } });
      expect(unknown.body.errors.map(({ message }: { message: string }) => message)).toEqual([
        "no earlier version has a stage 'revue'",
        expect.stringMatching(/^version 2 has no stage 'examinaton'; it has drafting, examination/),
      ]);
      expect((await officer.post(path, plan)).status).toBe(403);
    });

    step(
      'takes over the agreements that are chosen, through the command line, each with the reason in its history',
      async () => {
        const { status, stdout } = paraphe.cli(
          ['lifecycle', 'migrate', 'specific-convention', '--to', '2', '--reason', plan.reason],
          ['--stage', 'review=examination', '--decline', 'cs-4=Signature imminente', '--server', paraphe.url],
          { PARAPHE_TOKEN: administrator.token },
        );
        expect(status).toBe(0);
        expect(stdout).toMatch(/^cs-2: migrated; review → examination; .*deadlines: stage /m);
        expect(stdout).toMatch(/^cs-4: declined; review; Signature imminente$/m);
        expect(stdout).toMatch(/5 agreements migrated, 0 refused\.$/m);
        expect((await agreement('cs-4')).lifecycle.version).toBe(1);
        const view = await agreement('cs-2');
        expect(view).toMatchObject({ lifecycle: { version: 2 }, stage: { id: 'examination', kind: 'preparation' } });
        const history = await eventually(
          async () => (await officer.get('agreements/cs-2/history')).body.items,
          (items) => items.some(({ type }: { type: string }) => type === 'AgreementMigrated'),
        );
        expect(history.find(({ type }: { type: string }) => type === 'AgreementMigrated').data.reason).toBe(
          plan.reason,
        );
      },
    );

    step('is not asked again of an agreement for which it was declined', async () => {
      const { body } = await administrator.post('lifecycles/specific-convention/migrations', plan);
      expect(body.items).toMatchObject([{ agreement: 'cs-4', fate: 'declined', message: 'Signature imminente' }]);
    });

    step('is refused where it would put an agreement in a stage of another kind', async () => {
      const third = second.replace('idleAfterWorkingDays: 15', 'idleAfterWorkingDays: 10');
      const published = paraphe.cli(
        ['lifecycle', 'publish', '-', '--note', 'Rappels plus tôt', '--server', paraphe.url],
        [],
        { PARAPHE_TOKEN: administrator.token },
        third,
      );
      expect(published.stdout).toBe('Published: specific-convention, version 3.\n');
      const { body } = await administrator.post('lifecycles/specific-convention/migrations?dryRun=true', {
        toVersion: 3,
        reason: 'x',
        agreements: ['cs-2'],
        stages: { examination: 'in-force' },
      });
      expect(body.items).toMatchObject([{ fate: 'refused', message: expect.stringContaining('of kind active') }]);
    });

    sampled('survives a restart, and when it is retired stays readable', async () => {
      await administrator.post('lifecycles/memorandum-of-understanding/retire', { reason: 'Plus utilisé' });
      await paraphe.kill();
      await paraphe.start();
      [administrator, officer] = await Promise.all([paraphe.as(ADMIN), paraphe.as(OFFICER)]);
      const { items } = (await officer.get('lifecycles')).body;
      expect(
        items.map(
          ({ id, version, isCurrent }: { id: string; version: number; isCurrent: boolean }) =>
            `${id} ${version} ${isCurrent}`,
        ),
      ).toEqual([
        'agreement 1 true',
        'amendment 1 true',
        'cooperation-agreement 2 true',
        'cooperation-agreement 1 false',
        'exchange-of-letters 1 true',
        'fast-track 1 true',
        'memorandum-of-understanding 1 false',
        'specific-convention 3 true',
        'specific-convention 2 false',
        'specific-convention 1 false',
        'treaty 1 true',
      ]);
      expect((await agreement('mou-1')).stage.labels.fr).toBe('En attente de signature');
      await draft('mou-2', 'memorandum-of-understanding');
      expect((await agreement('mou-2')).lifecycle.id).toBe('agreement');
      const { columns } = (await officer.get('agreements/board')).body;
      expect(columns.map(({ stage }: { stage: { id: string } }) => stage.id)).toContain('examination');
    });

    // When the day has come.
    sampled('an agreement moves on though nobody does anything', async () => {
      await draft('ca-3', 'cooperation-agreement', { stage: 'awaiting-signature' });
      await officer.post('agreements/ca-3/terms', { entryIntoForce: { on: 'date', date: '2030-01-10' } });
      for (const slot of ['ma', 'sn'])
        await officer.post('agreements/ca-3/signatures', { slot, signedOn: '2026-05-05' });
      expect((await agreement('ca-3')).stage.id).toBe('domestic-procedures');
      await paraphe.stop();
      await paraphe.start({ PARAPHE_NOW: '2030-01-11T08:00:00Z' });
      officer = await paraphe.as(OFFICER);
      const { stage } = await eventually(
        () => agreement('ca-3'),
        ({ stage: now }) => now.id === 'in-force',
      );
      expect(stage.since.edtf).toBe('2030-01-10');
    });
  },
  300_000,
);
