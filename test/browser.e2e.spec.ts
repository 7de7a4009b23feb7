import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, signedIn as signIn, visitor } from './support/browser.js';
import { nothingOfLists } from './support/nothing.js';
import { ADMIN, APPROVER, OFFICER, Paraphe } from './support/paraphe.js';
import { oneIn, sampleOf } from './support/sample.js';

let paraphe: Paraphe;
let browser: Browser;
const complaints: string[] = [];

beforeAll(async () => {
  paraphe = await Paraphe.start();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await paraphe?.remove();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

const long = oneIn(3);

const signedIn = async (user: { email: string; password: string }): Promise<Page> =>
  signIn(await visitor(browser, complaints), paraphe.url, user);

it('a clerk signs in; a wrong password is told; who signs out is asked to sign in again', async () => {
  const page = await (await visitor(browser, complaints)).newPage();
  await page.goto(paraphe.url);
  await page.getByLabel('Adresse électronique').fill(OFFICER.email);
  await page.locator('input[type=password]').fill('not-the-password');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByText('L’adresse ou le mot de passe ne convient pas.').waitFor();
  await page.locator('input[type=password]').fill(OFFICER.password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('heading', { name: 'Aujourd’hui' }).waitFor();

  await page.goto(`${paraphe.url}/accords`);
  await page.getByText('Amina Démo').first().click();
  await page.getByRole('button', { name: 'Se déconnecter' }).click();
  await page.getByLabel('Adresse électronique').waitFor();
});

it('a clerk finds an agreement on the board, records its signatures and corrects one, and finds it further on', async () => {
  const page = await signedIn(OFFICER);
  await page.getByRole('link', { name: 'Accords', exact: true }).click();
  const waiting = page.locator('[data-stage=awaiting-signature]');
  await waiting.getByText('Maroc et Soudan').waitFor();
  expect(await waiting.locator('a').filter({ hasText: 'Maroc et' }).count()).toBe(5);
  expect(await page.locator('[data-stage=in-force] a').count()).toBe(1);
  await page.getByText('7 déclarés, 5 identifiés – 2 manquent').waitFor();

  await page.getByText('Maroc et Sénégal').click();
  await page.getByRole('heading', { name: /Maroc et Sénégal/ }).waitFor();
  await page.getByText('La signature manque pour : République du Sénégal.').waitFor();
  for (const [slot, name] of [
    ['ma', 'Ministre marocain'],
    ['sn', 'Ministre sénégalais'],
  ] as const) {
    await page.locator(`[data-slot=${slot}]`).getByRole('button', { name: 'Enregistrer la signature' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Date de la signature').fill('2026-02-02');
    await dialog.getByLabel('Nom du signataire').fill(name);
    await dialog.getByRole('button', { name: 'Enregistrer la signature' }).click();
    await page.locator(`[data-slot=${slot}][data-status=signed]`).getByText(name).waitFor();
    await dialog.waitFor({ state: 'detached' });
  }
  await page
    .locator('.path [aria-current=step], .path li[aria-current=step]')
    .getByText('Formalités internes', { exact: true })
    .waitFor();
  await page.locator('[data-event=AgreementSigned]').getByText('Accord signé').waitFor();

  // It was recorded with the wrong day: the history shows both.
  await page.getByRole('button', { name: 'Autres actions : République du Sénégal' }).click();
  await page.getByRole('menuitem', { name: 'Corriger' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Date de la signature').fill('2026-02-01');
  await dialog.getByLabel('Motif').fill('Confondue avec la date de réception');
  await dialog.getByRole('button', { name: 'Corriger' }).click();
  await page.locator('[data-slot=sn]').getByText('Signé : 1er février 2026').waitFor();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('[data-event=SignatureCorrected]').getByText('Confondue avec la date de réception').waitFor();

  await page.getByRole('link', { name: 'Accords' }).first().click();
  await page.locator('[data-stage=domestic-procedures]').getByText('Maroc et Sénégal').waitFor();
});

it('a clerk sees what a signature started, a milestone as vague as it is, and the reminder that went out', async () => {
  const page = await signedIn(OFFICER);
  await page.goto(`${paraphe.url}/accords/be-migration-2018`);
  await page.locator('[data-project=mbi]').getByText('En cours').waitFor();
  await page.locator('[data-project=amuddu]').getByText('En cours').waitFor();
  await page.locator('[data-event=AgreementSigned]').getByText('Projet démarré (MBI, 15 mars 2018)').click();
  await page
    .locator('[data-event=ProjectStarted]')
    .getByText('Accord signé (be-migration-2018, 15 mars 2018)')
    .waitFor();
  expect(await page.locator('[data-slippage]').textContent()).toContain('15 mars 2021');

  await page.goto(`${paraphe.url}/projets/giz-collectivites`);
  await page.locator('[data-milestone]').getByText('Integration Strategy Group, round 1, Rabat').waitFor();
  const titles = await page.locator('[data-milestone]').allInnerTexts();
  const rabat = titles.findIndex((text) => text.includes('Integration Strategy Group, round 1, Rabat'));
  expect(titles[rabat]).toContain('Atteint : novembre 2016');
  expect(titles[rabat - 1]).toContain('juin 2016');

  await page.goto(`${paraphe.url}/rappels`);
  await page
    .locator('[data-reminder-of=sd-migration][data-recipient=demo-officer][data-state=sent]')
    .getByRole('button', { name: 'Lire le message' })
    .click();
  await page.getByRole('dialog').getByText('En attente de : Royaume du Maroc, République du Soudan').waitFor();
});

describe('lifecycles in the browser', () => {
  const convention = readFileSync('libs/lifecycle/stock/specific-convention.yaml', 'utf8');

  long(
    'an administrator writes a definition, reads what is wrong with it, publishes it and migrates to it; clerks work by it',
    async () => {
      const officer = await paraphe.as(OFFICER);
      const parties = [{ organisation: 'ma' }, { organisation: 'sn' }];
      await officer.post('agreements', { id: 'nav', title: 'Navigation', type: 'specific-convention', parties });
      const admin = await signedIn(ADMIN);
      await admin.getByRole('link', { name: 'Parcours types' }).click();
      const text = admin.getByLabel('Définition (YAML ou JSON)');
      await text.fill(convention.replace('to: review', 'to: reviw'));
      await admin.getByText("there is no stage 'reviw' (did you mean 'review'?)").waitFor();
      expect(await admin.getByRole('button', { name: 'Publier' }).isDisabled()).toBe(true);
      await text.fill(convention);
      await admin.getByText('La définition est cohérente.').waitFor();
      await admin.locator('.picture-stage').getByText('Au visa').waitFor();
      await text.fill(convention.replace('- documents: [draft]', '- documents: [draft, financial-sheet]'));
      await admin.getByText('La définition est cohérente.').waitFor();
      await admin.getByRole('button', { name: 'Essayer sur les dossiers passés' }).click();
      await admin.locator('[data-tried]').getByText('accords essayés').waitFor();
      await admin.getByRole('button', { name: 'Publier' }).click();
      const second = admin.locator('[data-lifecycle="specific-convention 2"]');
      await second.getByRole('button', { name: 'Montrer' }).click();
      await second.getByText('visas : service juridique, service du budget').first().waitFor();

      await second.getByLabel('Motif').fill('Fiche financière exigée');
      await second.getByRole('button', { name: 'Prévisualiser' }).click();
      const fate = (agreement: string) => second.locator(`[data-agreement=${agreement}]`);
      await fate('nav').getByText('Il manquera : Document à joindre : la fiche financière.').waitFor();
      await fate('be-migration-2018').getByRole('button', { name: 'Laisser sous sa version' }).click();
      await admin.getByRole('dialog').getByLabel('Motif').fill('En vigueur depuis 2018');
      await admin.getByRole('dialog').getByRole('button', { name: 'Laisser sous sa version' }).click();
      await second.getByRole('button', { name: 'Appliquer' }).click();
      await admin.getByText('1 accord est passé à cette version.').waitFor();
      await admin.goto(`${paraphe.url}/accords/nav`);
      await admin.getByText('specific-convention, version 2').waitFor();
      await admin.locator('[data-event=AgreementMigrated]').getByText('Fiche financière exigée').waitFor();
      await admin.goto(`${paraphe.url}/accords/be-migration-2018`);
      await admin.locator('[data-event=MigrationDeclined]').getByText('En vigueur depuis 2018').waitFor();

      // An agreement under it gets its visas and documents through the pages.
      await officer.post('agreements', {
        id: 'cs',
        title: 'Convention de formation',
        type: 'specific-convention',
        parties,
        owner: 'demo-officer',
      });
      const clerk = await signedIn(OFFICER);
      await clerk.goto(`${paraphe.url}/accords/cs`);
      await clerk.getByText('Document à joindre : le projet de texte.').waitFor();
      await officer.post('agreements/cs/documents', { document: 'financial-sheet', title: 'Fiche' });
      expect(await clerk.getByRole('button', { name: 'Soumettre au visa' }).isDisabled()).toBe(true);
      await clerk.getByRole('button', { name: 'Joindre un document' }).click();
      const dialog = clerk.getByRole('dialog');
      await dialog.getByRole('combobox', { name: 'Nature' }).click();
      await clerk.getByRole('option', { name: 'Projet de texte' }).click();
      await dialog.getByLabel('Intitulé').fill('Projet, version 1');
      await dialog.getByRole('button', { name: 'Joindre un document' }).click();
      await clerk.locator('[data-document=draft]').getByText('Projet, version 1').waitFor();
      await dialog.waitFor({ state: 'detached' });
      await clerk.getByRole('button', { name: 'Soumettre au visa' }).click();
      await clerk.getByRole('dialog').getByRole('button', { name: 'Soumettre au visa' }).click();
      await clerk.locator('[data-visa=legal][data-given=false]').getByText('Attendu').waitFor();

      const approver = await signedIn(APPROVER);
      await approver.goto(`${paraphe.url}/accords/cs`);
      await approver.locator('[data-visa=legal]').getByRole('button', { name: 'Donner le visa' }).click();
      await approver.locator('[data-visa=legal][data-given=true]').getByText('Youssef Démo').waitFor();
      await approver.locator('[data-event=VisaGiven]').getByText('Visa donné : service juridique').waitFor();
    },
  );

  long('a clerk plans who signs, records full powers, a signature ad referendum and its confirmation', async () => {
    const officer = await paraphe.as(OFFICER);
    const parties = [{ organisation: 'ma' }, { organisation: 'tn' }];
    const more = { stage: 'awaiting-signature', owner: 'demo-officer' };
    await officer.post('agreements', { id: 'traite', title: 'Traité', type: 'treaty', parties, ...more });
    const clerk = await signedIn(OFFICER);
    await clerk.goto(`${paraphe.url}/accords/traite`);
    const dialog = clerk.getByRole('dialog');
    const choose = async (label: string, nth: number, option: string) => {
      await dialog.getByRole('combobox', { name: label }).nth(nth).click();
      await clerk.getByRole('option', { name: option, exact: true }).click();
    };
    await clerk.getByRole('button', { name: 'Préparer les signatures' }).click();
    await choose('Fonction du signataire', 0, 'Ministre des Affaires étrangères');
    await choose('Acte', 1, 'Ad referendum');
    await choose('Fonction du signataire', 1, 'Chef de mission diplomatique');
    await dialog.getByRole('button', { name: 'Enregistrer' }).click();
    await clerk.locator('[data-slot=ma]').getByText('Pleins pouvoirs : non requis, par fonction').waitFor();
    await clerk.locator('[data-slot=tn]').getByText('Pleins pouvoirs : requis, non consignés').waitFor();
    await dialog.waitFor({ state: 'detached' });

    await clerk.getByRole('button', { name: 'Autres actions : République tunisienne' }).click();
    await clerk.getByRole('menuitem', { name: 'Consigner les pleins pouvoirs' }).click();
    await dialog.getByLabel('Référence de l’instrument').fill('n° 12/2026');
    await dialog.getByRole('button', { name: 'Consigner les pleins pouvoirs' }).click();
    await clerk.locator('[data-slot=tn]').getByText('Pleins pouvoirs : déposés (n° 12/2026)').waitFor();
    await dialog.waitFor({ state: 'detached' });

    for (const slot of ['ma', 'tn']) {
      await clerk.locator(`[data-slot=${slot}]`).getByRole('button', { name: 'Enregistrer la signature' }).click();
      await dialog.getByLabel('Date de la signature').fill('2026-02-02');
      await dialog.getByRole('button', { name: 'Enregistrer la signature' }).click();
      await dialog.waitFor({ state: 'detached' });
    }
    await clerk
      .locator('[data-slot=tn][data-status=unconfirmed]')
      .getByText('À confirmer, signé : 2 février 2026')
      .waitFor();
    await clerk.getByText('République tunisienne : signé, à confirmer').waitFor();
    await clerk.locator('[data-slot=tn]').getByRole('button', { name: 'Enregistrer la confirmation' }).click();
    await dialog.getByLabel('Date de la confirmation').fill('2026-03-01');
    await dialog.getByRole('button', { name: 'Enregistrer la confirmation' }).click();
    await clerk.locator('.path [aria-current=step]').getByText('En attente de ratification').waitFor();
    await dialog.waitFor({ state: 'detached' });

    await clerk.getByRole('button', { name: 'Et si…' }).click();
    await dialog.getByLabel('Si notification le – Royaume du Maroc').fill('2027-01-10');
    await dialog.getByLabel('Si notification le – République tunisienne').fill('2027-06-01');
    await dialog.getByRole('button', { name: 'Calculer' }).click();
    await clerk.locator('[data-forecast=determined]').getByText('En vigueur le 1er juillet 2027').waitFor();
    await dialog.getByRole('button', { name: 'Annuler' }).click();
    await clerk.getByText('Pas encore déterminée').waitFor();

    await clerk.getByRole('button', { name: 'Ajouter une suite' }).click();
    await dialog.getByLabel('Que faut-il faire ?').fill('Préparer le dépôt');
    await dialog.getByLabel('Pour le').fill('2027-01-15');
    await dialog.getByRole('button', { name: 'Ajouter une suite' }).click();
    await clerk.locator('[data-follow-up]').getByText('Pour le 15 janvier 2027').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await clerk.getByRole('button', { name: 'C’est fait' }).click();
    await clerk.getByText('Rien n’est à faire.').waitFor();
  });
});

describe('while lists are not complete, or cannot be read', () => {
  const UNKNOWN = 'On ne le sait pas encore : les listes se mettent à jour.';

  /** Every page that is drawn from lists; what a page of one subject says of itself comes from the log. */
  const PAGES = [
    '/',
    '/accords',
    '/accords?vue=table',
    '/accords?vue=calendar',
    '/accords/be-migration-2018',
    '/projets',
    '/projets?vue=timeline',
    '/projets/giz-collectivites',
    '/programmes',
    '/organisations',
    '/pays/SN',
    '/rencontres',
    '/carte',
    '/chiffres',
    '/declarations',
    '/rappels',
    '/rappels?onglet=coming',
    '/rappels?onglet=outbox',
    '/audit',
    '/audit?vue=attempts',
  ];

  /** Lists as they are before the first event is in them: stages, ages and months are there, and count nothing. */
  function emptied(value: unknown): unknown {
    if (typeof value === 'number') return 0;
    const isThere = (one: { count?: number; country?: string }) =>
      one?.count !== undefined && one.country === undefined;
    if (Array.isArray(value)) return value.filter(isThere).map(emptied);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).map(([name, part]) => [name, name.endsWith('Days') ? part : emptied(part)]);
    return Object.fromEntries(kept);
  }

  /** What does not come from lists: who is signed in, definitions, and what one subject's own record says. */
  const OF_THE_LOG =
    /^\/api\/v1\/(session|lifecycles|reminder-policies|calendars.*|(agreements|projects)\/[^/]*-[^/]*)$/;

  /** Has the lists answered as they are at 0 % of a first start. */
  const atZero = (page: Page) =>
    page.route(
      ({ pathname }) => pathname.startsWith('/api/v1/') && !pathname.endsWith('/feed'),
      async (route) => {
        if (route.request().method() !== 'GET') return route.continue();
        const response = await route.fetch();
        const headers = { ...response.headers(), 'paraphe-catching-up': 'progress=0.000' };
        if (OF_THE_LOG.test(new URL(route.request().url()).pathname)) return route.fulfill({ response, headers });
        return route.fulfill({ response, headers, json: emptied(await response.json()) });
      },
    );

  /** All that a page says, to those who see it and to those who hear it. */
  const saidOn = (page: Page): Promise<string> =>
    page.evaluate<string>(`[
      document.querySelector('#content').innerText,
      ...[...document.querySelectorAll('#content [aria-label]')].map((one) => one.getAttribute('aria-label')),
    ].join('\\n')`);

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(paraphe.url + path);
    await page.locator('h1').waitFor();
    await page.getByText('Les listes se mettent à jour').first().waitFor();
    await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
  }

  it('while lists catch up, no page says that there is nothing; once they are complete, it says what there is', async () => {
    const page = await signedIn(ADMIN);
    await atZero(page);
    const nothing = [...nothingOfLists('fr').values()];
    const claims: Record<string, string[]> = {};
    let unknown = 0;
    const pages = sampleOf(PAGES, 10);
    for (const path of pages) {
      await open(page, path);
      const said = await saidOn(page);
      const numbers = said.match(/^0$|(?<!\d )\b0 (?!à )\p{L}+|\(0\)|\(vide\)/gmu) ?? [];
      const found = [...nothing.filter((sentence) => said.includes(sentence)), ...numbers];
      if (found.length > 0) claims[path] = found;
      if (said.includes(UNKNOWN)) unknown++;
    }
    expect(claims).toEqual({});
    expect(unknown).toBeGreaterThan(pages.length - 6);

    await open(page, '/rencontres');
    await page.getByText(UNKNOWN, { exact: true }).waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByText(UNKNOWN, { exact: true }).waitFor({ state: 'detached' });
    expect(await page.getByText('Aucune rencontre.').count()).toBe(0);
  });

  it('what a list does not have yet is not told to be missing', async () => {
    const page = await signedIn(ADMIN);
    await page.goto(`${paraphe.url}/organisations/nobody-knows`);
    await page.getByText('Il n’y a rien à cette adresse.').waitFor();
    await page.route(
      ({ pathname }) => pathname.startsWith('/api/v1/') && !pathname.endsWith('/feed'),
      async (route) => {
        const response = await route.fetch();
        const headers = { ...response.headers(), 'paraphe-catching-up': 'progress=0.000' };
        await route.fulfill({ response, headers });
      },
    );
    await page.reload();
    await page.getByText(UNKNOWN).waitFor();
    expect(await page.getByText('Il n’y a rien à cette adresse.').count()).toBe(0);
  });

  /** Refusals as the server words them, whether the catalogue knows their code or not. */
  const REFUSALS = [
    { status: 401, code: 'NOT_SIGNED_IN', detail: 'Sign in first.' },
    { status: 403, code: 'FORBIDDEN', detail: "'read' takes one of these roles: auditor." },
    { status: 403, code: 'CROSS_SITE_REQUEST', detail: 'A page of another site may not act here.' },
    { status: 404, code: 'NOT_FOUND', detail: "There is no agreement 'x'." },
    { status: 410, code: 'STREAM_GONE', detail: 'It was deleted for good in the event store.' },
    { status: 500, code: 'INTERNAL', detail: 'Something went wrong on our side.' },
    { status: 503, code: 'SERVER_ENDING', detail: 'The server is ending.' },
  ];

  it.each(
    sampleOf(['fr', 'ar'] as const, 2),
  )('what cannot be shown is said in the language of the page: %s', async (language) => {
    const words = JSON.parse(readFileSync(`apps/web/src/language/${language}.json`, 'utf8'));
    const page = await signIn(await visitor(browser, complaints, { language }), paraphe.url, ADMIN);
    await page.goto(`${paraphe.url}/accords/no-such-agreement`);
    const alert = page.locator('#content .mantine-Alert-root');
    await alert.getByText(words.common.notFound).waitFor();
    await alert.getByText(words.problem.status[404]).waitFor();
    expect(await alert.innerText()).not.toMatch(/no-such-agreement|There is/);
    for (const refusal of sampleOf(REFUSALS, 6)) {
      await page.route('**/api/v1/agreements/x', (route) => route.fulfill({ status: refusal.status, json: refusal }));
      await page.goto(`${paraphe.url}/accords/x`);
      await alert.first().waitFor({ timeout: 15_000 });
      const said = (await page.locator('#content').innerText()).replaceAll('Paraphe', '');
      expect({ refusal, english: said.includes(refusal.detail) }).toEqual({ refusal, english: false });
      if (language === 'ar') expect(said).not.toMatch(/[A-Za-z]{3,}/);
      await page.unrouteAll({ behavior: 'wait' });
    }
    // What a refusal of 500 or 503 leaves in the browser's console is what was asked for.
    expect(complaints.splice(0).filter((text) => !/status of 50\d/.test(text))).toEqual([]);
  });
});
