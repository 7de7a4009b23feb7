import { existsSync, readFileSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ADMIN, APPROVER, OFFICER, Paraphe } from './support/paraphe.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

let paraphe: Paraphe;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  paraphe = await Paraphe.start();
  browser = await chromium.launch({
    executablePath: CHROMIUM!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'fr-FR' });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await paraphe?.remove();
});
afterEach(() => expect(complaints.splice(0)).toEqual([]));

it('a clerk signs in; a wrong password is told', async () => {
  await page.goto(paraphe.url);
  await page.getByLabel('Adresse électronique').fill(OFFICER.email);
  await page.locator('input[type=password]').fill('not-the-password');
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByText('L’adresse ou le mot de passe ne convient pas.').waitFor();
  await page.locator('input[type=password]').fill(OFFICER.password);
  await page.getByRole('button', { name: 'Se connecter' }).click();
  await page.getByRole('heading', { name: 'Accords' }).waitFor();
});

it('sees the agreements on a board by stage, and the gap in what was stated', async () => {
  const waiting = page.locator('[data-stage=awaiting-signature]');
  await waiting.getByText('Maroc et Soudan').waitFor();
  expect(await waiting.locator('a').count()).toBe(5);
  expect(await page.locator('[data-stage=in-force] a').count()).toBe(1);
  await page.getByText('7 déclarés, 5 identifiés – 2 manquent').waitFor();
});

it('opens "Maroc et Sénégal", records the two signatures, and the agreement is signed', async () => {
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
});

it('corrects a signature that was recorded with the wrong day, and the history shows both', async () => {
  await page.locator('[data-slot=sn]').getByRole('button', { name: 'Corriger' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Date de la signature').fill('2026-02-01');
  await dialog.getByLabel('Motif').fill('Confondue avec la date de réception');
  await dialog.getByRole('button', { name: 'Corriger' }).click();
  await page.locator('[data-slot=sn]').getByText('Signé : 1 février 2026').waitFor();
  await dialog.waitFor({ state: 'detached' });
  await page.locator('[data-event=SignatureCorrected]').getByText('Confondue avec la date de réception').waitFor();
});

it('finds it on the board among those that wait for their formalities', async () => {
  await page.getByRole('link', { name: 'Accords' }).first().click();
  await page.locator('[data-stage=domestic-procedures]').getByText('Maroc et Sénégal').waitFor();
});

it('sees that the Belgian convention’s signature started MBI and AMUDDU, and opens their history', async () => {
  await page.goto(`${paraphe.url}/accords/be-migration-2018`);
  await page.locator('[data-project=mbi]').getByText('En cours').waitFor();
  await page.locator('[data-project=amuddu]').getByText('En cours').waitFor();
  await page.locator('[data-event=AgreementSigned]').getByText('Projet démarré (mbi, 15 mars 2018)').click();
  await page
    .locator('[data-event=ProjectStarted]')
    .getByText('Accord signé (be-migration-2018, 15 mars 2018)')
    .waitFor();
  expect(await page.locator('[data-slippage]').textContent()).toContain('15 mars 2021');
});

it('sees the milestone of November 2016 as vague as it is', async () => {
  await page.goto(`${paraphe.url}/projets/giz-collectivites`);
  await page.getByText('Integration Strategy Group, round 1, Rabat').first().waitFor();
  const titles = await page.locator('[data-milestone]').allInnerTexts();
  const rabat = titles.findIndex((text) => text.includes('Integration Strategy Group, round 1, Rabat'));
  expect(titles[rabat]).toContain('Atteint : novembre 2016');
  expect(titles[rabat - 1]).toContain('juin 2016');
});

it('reads the reminder that went out', async () => {
  await page.goto(`${paraphe.url}/rappels`);
  await page
    .locator('[data-reminder-of=sd-migration][data-state=sent]')
    .getByRole('button', { name: 'Lire le message' })
    .click();
  await page.getByRole('dialog').getByText('Rien n’a bougé depuis plus de trente jours ouvrés').waitFor();
});

it('signs out, and is asked to sign in again', async () => {
  await page.goto(`${paraphe.url}/accords`);
  await page.getByText('Amina Démo').first().click();
  await page.getByRole('menuitem', { name: 'Se déconnecter' }).click();
  await page.getByLabel('Adresse électronique').waitFor();
});

describe('lifecycles in the browser', () => {
  const signedIn = async ({ email, password }: { email: string; password: string }) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'fr-FR' });
    const own = await context.newPage();
    own.on('pageerror', (error) => complaints.push(error.message));
    await own.goto(paraphe.url);
    await own.getByLabel('Adresse électronique').fill(email);
    await own.locator('input[type=password]').fill(password);
    await own.getByRole('button', { name: 'Se connecter' }).click();
    await own.getByRole('heading', { name: 'Accords' }).waitFor();
    return own;
  };
  const convention = readFileSync('libs/lifecycle/stock/specific-convention.yaml', 'utf8');

  it('an administrator writes a definition, reads what is wrong with it, and publishes it', async () => {
    const admin = await signedIn(ADMIN);
    await admin.getByRole('link', { name: 'Parcours types' }).click();
    const text = admin.getByLabel('Définition (YAML ou JSON)');
    await text.fill(convention.replace('to: review', 'to: reviw'));
    await admin.getByText("there is no stage 'reviw' (did you mean 'review'?)").waitFor();
    expect(await admin.getByRole('button', { name: 'Publier' }).isDisabled()).toBe(true);
    await text.fill(convention);
    await admin.getByText('La définition est cohérente.').waitFor();
    await admin.getByRole('button', { name: 'Essayer sur les dossiers passés' }).click();
    await admin.locator('[data-tried]').getByText('La définition ne connaît pas ce passage.').first().waitFor();
    await admin.getByRole('button', { name: 'Publier' }).click();
    await admin
      .locator('[data-lifecycle="specific-convention 1"]')
      .getByText('visas : service juridique, service du budget')
      .first()
      .waitFor();

    await text.fill(convention.replace('idleAfterWorkingDays: 15', 'idleAfterWorkingDays: 10'));
    await admin.getByText('La définition est cohérente.').waitFor();
    await admin.getByRole('button', { name: 'Publier' }).click();
    const second = admin.locator('[data-lifecycle="specific-convention 2"]');
    await second.getByLabel('Motif').fill('Délai raccourci');
    await second.getByRole('button', { name: 'Prévisualiser' }).click();
    await second.getByText('Aucun accord n’est sous une version antérieure.').waitFor();
    await admin.context().close();
  });

  it('an agreement under it gets its visas and documents through the pages', async () => {
    const officer = await paraphe.as(OFFICER);
    const parties = [{ organisation: 'ma' }, { organisation: 'sn' }];
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
    await Promise.all([approver.context().close(), clerk.context().close()]);
  });
});
