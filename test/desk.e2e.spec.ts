import { readFileSync } from 'node:fs';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { verifyBundle } from '../libs/transparency/verify-bundle.js';
import { launchBrowser, signedIn, type Visit, visitor } from './support/browser.js';
import { ADMIN, APPROVER, type ApiUser, AUDITOR, OFFICER, Paraphe } from './support/paraphe.js';
import { oneIn, sampleOf } from './support/sample.js';

const long = oneIn(5);

const PHONE = { width: 390, height: 844 };
const PAGES = [
  '/',
  '/accords',
  '/accords?vue=table',
  '/accords?vue=calendar',
  '/accords/be-migration-2018',
  '/accords/sd-migration',
  '/projets',
  '/projets?vue=timeline',
  '/projets/giz-collectivites',
  '/programmes',
  '/organisations',
  '/organisations/be',
  '/pays/SN',
  '/rencontres',
  '/carte',
  '/chiffres',
  '/declarations',
  '/rappels',
  '/rappels?onglet=coming',
  '/rappels?onglet=outbox',
  '/rappels?onglet=policies',
  '/rappels?onglet=preferences',
  '/parcours',
  '/audit',
  '/audit?vue=proofs',
  '/audit?vue=attempts',
  '/comparer/agreement/be-migration-2018',
  '/administration',
  '/consumers',
  '/echanges',
  '/echanges?vue=formats',
  '/echanges?vue=changes',
];

let paraphe: Paraphe;
let browser: Browser;
let officer: ApiUser;
const complaints: string[] = [];
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  paraphe = await Paraphe.start();
  browser = await launchBrowser();
  officer = await paraphe.as(OFFICER);
});
afterAll(async () => {
  await browser?.close();
  await paraphe?.remove();
});
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

async function visit(user = OFFICER, how: Visit = {}): Promise<Page> {
  const context = await visitor(browser, complaints, how);
  contexts.push(context);
  return signedIn(context, paraphe.url, user);
}

/** Goes to a page and waits until everything on it has come. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(paraphe.url + path);
  await page.locator('h1').waitFor();
  await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
}

/** What axe finds against WCAG 2.2 AA, as "rule: where". */
async function faults(page: Page): Promise<string[]> {
  // Evaluated by the browser's tools, to which the page's policy does not apply.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{ violations: { id: string; nodes: { target: string[]; html: string }[] }[] }>;
      };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await checker.run({ runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}

/** French words of the pages and of the lifecycles in another language, by what the catalogues and definitions have. */
async function words(language: 'fr' | 'ar'): Promise<(french: string, filled?: Record<string, string>) => string> {
  const known = new Map<string, string>();
  const gather = (from: unknown, to: unknown): void => {
    if (typeof from === 'string' && typeof to === 'string') known.set(from, known.get(from) ?? to);
    if (typeof from !== 'object' || from === null || typeof to !== 'object' || to === null) return;
    for (const [key, value] of Object.entries(from)) gather(value, (to as Record<string, unknown>)[key]);
  };
  for (const folder of ['apps/web/src/language', 'libs/audit/sentences']) {
    const catalogue = (name: string) => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
    gather(catalogue('fr'), catalogue(language));
  }
  const { body } = await officer.get('lifecycles');
  for (const { definition } of body.items)
    for (const { labels } of definition.transitions) known.set(labels.fr, labels[language]);
  return (french, filled = {}) => {
    const text = known.get(french);
    if (text === undefined) throw new Error(`No page says '${french}'.`);
    return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => filled[name] ?? '');
  };
}

/** Keys of the catalogue that stand on the page instead of their text. */
async function bareKeys(page: Page): Promise<string[]> {
  const text = await page.locator('body').innerText();
  return (
    text.match(
      /(?<!paraphe\.)\b(nav|common|agreements?|projects?|reminders|today|board|figures|event|brief)\.[a-zA-Z.-]+\b/g,
    ) ?? []
  );
}

const VIEWS = [
  { language: 'fr', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { language: 'ar', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { language: 'ar', colorScheme: 'light', viewport: PHONE },
  { language: 'en', colorScheme: 'dark', viewport: PHONE },
] satisfies Visit[];

// In a sample four pages are looked at, each in one of the four ways.
describe.each(VIEWS)('every page, in $language, $colorScheme, $viewport.width wide', (how) => {
  it('is accessible, fits its width, and says everything in words', async () => {
    const page = await visit(ADMIN, how);
    const found: Record<string, unknown> = {};
    for (const path of sampleOf(PAGES, PAGES.length, (VIEWS.indexOf(how) * PAGES.length) / VIEWS.length)) {
      await open(page, path);
      const wrong = [...(await faults(page)), ...(await bareKeys(page))];
      if (!/.+ – Paraphe$/.test(await page.title())) wrong.push('no title of its own');
      const tooWide = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      if (tooWide > 1) wrong.push(`${tooWide} pixels too wide`);
      if (wrong.length > 0) found[path] = wrong;
    }
    expect(found).toEqual({});
    expect(await page.locator('html').getAttribute('dir')).toBe(how.language === 'ar' ? 'rtl' : 'ltr');
  });
});

describe.each(sampleOf(['fr', 'ar'] as const, 2))('in %s', (language) => {
  it('from the draft to a milestone reached: an agreement and its project go through the pages', async () => {
    const said = await words(language);
    const formation = `formation-${language}`;
    const title = `Convention de formation, ${language}`;
    await officer.post('projects', {
      id: formation,
      title: 'Formation des cadres',
      acronym: `FORCA-${language}`,
      owner: 'demo-officer',
    });
    const clerk = await visit(OFFICER, { language });
    const dialog = clerk.getByRole('dialog');
    const button = (name: string) => clerk.getByRole('button', { name, exact: true });
    const confirm = async (name: string) => {
      await dialog.getByRole('button', { name, exact: true }).click();
      await dialog.waitFor({ state: 'detached' });
    };

    await clerk.getByRole('link', { name: said('Accords'), exact: true }).click();
    await button(said('Nouvel accord')).click();
    await dialog.getByLabel(said('Intitulé')).fill(title);
    await dialog.getByRole('combobox', { name: said('Type') }).click();
    await clerk.getByRole('option', { name: said('Convention spécifique') }).click();
    for (const party of ['Royaume du Maroc', 'République tunisienne']) {
      await dialog.getByLabel(said('Parties')).fill(party);
      await clerk.getByRole('option', { name: party }).click();
    }
    await clerk.keyboard.press('Escape');
    await dialog.getByRole('button', { name: said('Enregistrer l’accord') }).click();
    await clerk.getByRole('heading', { name: title }).waitFor();
    const id = clerk.url().split('/').at(-1)!;

    await button(said('Rattacher un projet')).click();
    await dialog
      .getByRole('combobox', { name: said('Projet') })
      .first()
      .fill('Formation');
    await clerk.getByRole('option', { name: `FORCA-${language}` }).click();
    await confirm(said('Rattacher un projet'));

    await button(said('Joindre un document')).click();
    await dialog.getByRole('combobox', { name: said('Nature') }).click();
    await clerk.getByRole('option', { name: said('Projet de texte') }).click();
    const [chooser] = await Promise.all([
      clerk.waitForEvent('filechooser'),
      dialog.getByRole('button', { name: said('Fichier') }).click(),
    ]);
    await chooser.setFiles({ name: 'convention.pdf', mimeType: 'application/pdf', buffer: pdf });
    await confirm(said('Joindre un document'));
    const draft = clerk.locator('[data-document=draft]');
    await draft.getByText('convention.pdf').first().waitFor();
    await draft.getByRole('button', { name: said('Aperçu') }).click();
    await dialog.locator('iframe').waitFor();
    await clerk.keyboard.press('Escape');

    await button(said('Joindre un document')).click();
    await dialog.getByLabel(said('Intitulé')).fill('Texte final');
    await confirm(said('Joindre un document'));

    await button(said('Soumettre au visa')).click();
    await confirm(said('Soumettre au visa'));
    const approver = await visit(APPROVER, { language });
    await approver.getByRole('link', { name: title }).first().click();
    await approver
      .locator('[data-visa=legal]')
      .getByRole('button', { name: said('Donner le visa') })
      .click();
    await clerk.locator('[data-visa=legal][data-given=true]').waitFor();
    await clerk
      .locator('[data-visa=budget]')
      .getByRole('button', { name: said('Donner le visa') })
      .click();
    await approver.getByRole('button', { name: said('Autoriser la signature') }).click();
    await approver
      .getByRole('dialog')
      .getByRole('button', { name: said('Autoriser la signature') })
      .click();
    await button(said('Mettre à la signature')).click();
    await confirm(said('Mettre à la signature'));
    for (const slot of ['ma', 'tn']) {
      await officer.post(`agreements/${id}/signatures/${slot}/full-powers`, { status: 'held', note: 'n° 1' });
      await clerk
        .locator(`[data-slot=${slot}]`)
        .getByRole('button', { name: said('Enregistrer la signature') })
        .click();
      await dialog.getByLabel(said('Date de la signature')).fill('2026-11-24');
      await confirm(said('Enregistrer la signature'));
    }
    await clerk.locator('[data-event=AgreementSigned]').waitFor();
    await clerk.locator(`[data-project=${formation}]`).getByText(said('En cours')).waitFor();

    await clerk.getByRole('link', { name: `FORCA-${language} – Formation des cadres` }).click();
    await button(said('Enregistrer…')).click();
    await clerk.getByRole('menuitem', { name: said('Prévoir un jalon') }).click();
    await dialog.getByLabel(said('Intitulé')).fill('Première promotion');
    await dialog.getByLabel(said('Prévu pour')).fill('2026-11-24');
    await confirm(said('Prévoir un jalon'));
    const milestone = clerk.locator('[data-milestone]').filter({ hasText: 'Première promotion' });
    await clerk.locator('[data-next-reminder]').first().waitFor();
    await milestone.getByRole('button', { name: said('Actions : {{title}}', { title: 'Première promotion' }) }).click();
    await clerk.getByRole('menuitem', { name: said('Le jalon est atteint') }).click();
    await confirm(said('Le jalon est atteint'));
    await milestone
      .getByText(said('Atteint : {{date}}', { date: language === 'fr' ? '25 novembre 2026' : '25 نونبر 2026' }))
      .waitFor();
    await clerk.locator('[data-next-reminder]').waitFor({ state: 'detached' });
  });
});

// The other language than that of the journey above, where one of them is enough.
for (const language of sampleOf(['fr', 'ar'] as const, 4, 1))
  it(`a sheet: from its columns to the list, with what is wrong put right, in ${language}`, async () => {
    const said = await words(language);
    const page = await visit(OFFICER, { language });
    await open(page, '/echanges');
    // What the one says is remembered for the other: each writes it in a way of its own.
    const meant = language === 'fr' ? 'Tunisi' : 'Tunesie';
    const sheet = [
      'N°;Objet;Nature;Partenaires;Statut;Signé le',
      `ECH/${language}/1;Convention ${language} un;Mémorandum d’entente;"Maroc; ${meant}";Signé;03/04/2017`,
      `ECH/${language}/2;Convention ${language} deux;Mémorandum d’entente;Maroc;Signé;16 et 17 mars 2017`,
      `ECH/${language}/3;;Mémorandum d’entente;Maroc;Signé;bientôt`,
    ].join('\n');
    await page.setInputFiles('input[type=file]', {
      name: 'suivi.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(sheet),
    });
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await button(said('Vérifier les lignes')).click();
    // Nobody is called that; the nearest one is proposed, and taken.
    await button(said('Vérifier de nouveau')).click();
    await page.getByText(said('Noms inconnus')).waitFor({ state: 'detached' });
    await page.getByLabel(said('J’ai relu ces dates : elles sont justes.')).check();
    const wrong = await faults(page);
    expect(wrong).toEqual([]);
    await page.getByRole('checkbox').last().check();
    await page.getByRole('button', { name: language === 'fr' ? 'Importer 2 lignes' : 'استيراد الأسطر: 2' }).click();
    await page.getByText(said('L’import est terminé.')).waitFor();
    await page.getByRole('link', { name: said('Voir la liste') }).click();
    await open(page, `/accords?q=${encodeURIComponent(`Convention ${language}`)}`);
    await page.getByText(`Convention ${language} un`).first().waitFor();
    expect(
      (await officer.get(`agreements/ech-${language}-1`)).body.parties.map(({ id }: { id: string }) => id),
    ).toEqual(['ma', 'tn']);
  });

long('the board: a card is dragged where a transition leads; where none does, it is told why', async () => {
  await officer.post('agreements', {
    id: 'drag',
    title: 'À déplacer',
    type: 'protocol',
    parties: [{ organisation: 'ma' }],
  });
  const page = await visit();
  await open(page, '/accords?q=déplacer');
  const card = page.locator('a[draggable]').filter({ hasText: 'À déplacer' });
  await card.dragTo(page.locator('[data-stage=in-force]'));
  await page.getByText('Pas vers « En vigueur » pour le moment').waitFor();
  const { body } = await officer.get('agreements/drag');
  const way = body.allowedTransitions.find(
    (one: { allowed: boolean; reasonRequired: boolean }) => one.allowed && !one.reasonRequired,
  );
  await card.dragTo(page.locator(`[data-stage=${way.to.id}]`));
  await page.getByRole('dialog').getByRole('button', { name: way.labels.fr }).click();
  await page.locator(`[data-stage=${way.to.id}]`).getByText('À déplacer').waitFor();
});

long('the table: sorted, filtered and counted by the server, and taken away as a sheet', async () => {
  const page = await visit();
  await open(page, '/accords?vue=table');
  await page.getByRole('button', { name: 'Filtres' }).click();
  await page.getByRole('combobox', { name: 'Pays', exact: true }).fill('Soud');
  await page.getByRole('option', { name: 'Soudan (1)' }).click();
  await page.getByText('1 accord', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  expect(page.url()).toContain('country=SD');
  expect(await page.locator('[data-agreement]').count()).toBe(1);
  await page.getByRole('button', { name: 'Exporter' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'CSV' }).click(),
  ]);
  const sheet = readFileSync(await download.path(), 'utf8').split('\r\n');
  expect(sheet[0]).toBe('\uFEFF"Accord","Étape","Pays","Responsable","Jours ouvrés sans mouvement","Échéance"');
  expect(sheet).toHaveLength(3);
  expect(sheet[1]).toContain('Maroc et Soudan');
});

long('the palette finds by keyboard, and letters go to pages', async () => {
  const page = await visit();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Rechercher' }).fill('maghrib');
  await page.getByRole('option', { name: 'MBI – Maghrib Belgium Impulse' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'MBI – Maghrib Belgium Impulse' }).waitFor();

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Rechercher' }).fill('nouvel acc');
  await page.getByRole('option', { name: 'Nouvel accord' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByLabel('Intitulé').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.getByRole('heading', { name: 'Chiffres' }).waitFor();
});

long('two people at once: what one does the other sees, and nobody overwrites unseen', async () => {
  const facts = { title: 'À deux', type: 'protocol', parties: [{ organisation: 'ma' }], owner: 'demo-officer' };
  await officer.post('agreements', { id: 'two', ...facts });
  const [first, second] = [await visit(), await visit(APPROVER)];
  for (const page of [first, second]) await open(page, '/accords/two');
  await second.getByRole('button', { name: 'Compléter ou corriger' }).click();
  const dialog = second.getByRole('dialog');
  await dialog.getByLabel('Intitulé').fill('Protocole à deux mains');

  await first.getByRole('button', { name: 'Compléter ou corriger' }).click();
  await first.getByRole('dialog').getByLabel('Intitulé').fill('Protocole à quatre mains');
  await first.getByRole('dialog').getByRole('button', { name: 'Enregistrer' }).click();
  await first.getByRole('heading', { name: 'Protocole à quatre mains' }).waitFor();

  await second.getByText('Un collègue vient d’agir').waitFor();
  await dialog.getByText('Quelqu’un vient de modifier cette fiche').waitFor();
  await dialog.getByText('Protocole à quatre mains').waitFor();
  await dialog.getByRole('button', { name: 'Continuer avec ces valeurs' }).click();
  await dialog.getByRole('button', { name: 'Enregistrer' }).click();
  await first.getByRole('heading', { name: 'Protocole à deux mains' }).waitFor();
});

long('what was changed is taken back at once, by the opposite command', async () => {
  const facts = { title: 'Avant', type: 'protocol', parties: [{ organisation: 'ma' }], owner: 'demo-officer' };
  await officer.post('agreements', { id: 'undo', ...facts });
  const page = await visit();
  await open(page, '/accords/undo');
  await page.getByRole('button', { name: 'Compléter ou corriger' }).click();
  await page.getByRole('dialog').getByLabel('Intitulé').fill('Après');
  await page.getByRole('dialog').getByRole('button', { name: 'Enregistrer' }).click();
  await page.getByRole('heading', { name: 'Après' }).waitFor();
  await page.getByRole('button', { name: 'Reprendre l’ancienne valeur' }).click();
  await page.getByRole('heading', { name: 'Avant' }).waitFor();
  await page.locator('[data-event=ParticularsChanged]').nth(1).waitFor();
});

long('on a slow line the outline of a page comes first, and the page without a jump', async () => {
  const page = await visit();
  const devtools = await page.context().newCDPSession(page);
  const slow = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 20_000 };
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', slow);
  await page.getByRole('link', { name: 'Programmes' }).click();
  await page.locator('[aria-busy]').first().waitFor();
  // What is shown until the page's script has come has no heading.
  const heading = page.getByRole('heading', { level: 1, name: 'Programmes' });
  await heading.waitFor();
  const place = await heading.boundingBox();
  expect(place).not.toBeNull();
  await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
  await page.getByText('Maghrib Belgium Impulse').waitFor();
  expect((await heading.boundingBox())?.y).toBe(place?.y);
});

long('an exchange with a party is noted, and the matter counts as moved', async () => {
  const page = await visit();
  await open(page, '/accords/tn-migration');
  await page.getByText(/En retard · \d+ jours ouvrés/).waitFor();
  await page.getByRole('button', { name: 'Ajouter une note' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Texte').fill('Relance par courrier, réponse promise.');
  await dialog.getByLabel('C’est un échange avec une partie').check();
  await dialog.getByRole('combobox', { name: 'Partie' }).click();
  await page.getByRole('option', { name: 'République tunisienne' }).click();
  await dialog.getByRole('button', { name: 'Ajouter une note' }).click();
  await page.locator('[data-note]').getByText('Relance par courrier, réponse promise.').waitFor();
  await page.locator('[data-event=ExchangeLogged]').getByText('Échange avec République tunisienne').waitFor();
  await page.getByText('0 jour ouvré', { exact: true }).waitFor();
});

long('goes back in time: the whole page shows what was known', async () => {
  await officer.post('agreements', {
    id: 'past',
    title: 'Titre ancien',
    type: 'protocol',
    parties: [{ organisation: 'ma' }],
  });
  await officer.post('agreements/past/owner', { owner: 'demo-officer' });
  await officer.send('PATCH', 'agreements/past', { title: 'Titre nouveau' }, {});
  const page = await visit();
  await open(page, '/accords/past');
  await page.getByRole('heading', { name: 'Titre nouveau' }).waitFor();
  const changed = page.locator('[data-event=ParticularsChanged]');
  await changed.locator('del').getByText('Titre ancien').waitFor();
  await changed.locator('b').getByText('Titre nouveau').waitFor();
  await page.getByRole('slider', { name: 'Remonter le temps' }).press('Home');
  await page.getByRole('heading', { name: 'Titre ancien' }).waitFor();
  await page.getByText('Vous voyez ce que l’on savait').waitFor();
  expect(await page.getByRole('button', { name: 'Joindre un document' }).isDisabled()).toBe(true);
  expect(await page.locator('[data-event]').count()).toBe(1);
  await page.getByRole('button', { name: 'Revenir à maintenant' }).click();
  await page.getByRole('heading', { name: 'Titre nouveau' }).waitFor();
});

long('goes back by the other clock too: what was the case on a day', async () => {
  const page = await visit();
  await open(page, '/accords/be-migration-2018');
  await page.getByLabel('Tel que c’était le').fill('2018-03-15');
  await page.getByText('Vous voyez ce qui était le cas le 15 mars 2018').waitFor();
  await page.getByLabel('Tel que c’était le').fill('2018-03-14');
  await page.getByText('rien n’en était encore le cas').waitFor();
  await page.getByRole('button', { name: 'Revenir à maintenant' }).click();
  await page.locator('[data-slot]').first().waitFor();
});

long('an auditor compares two moments, follows a chain of causes, and takes the evidence away', async () => {
  const page = await visit(AUDITOR);
  await open(page, '/accords/be-migration-2018');
  await page.locator('[data-event=AgreementSigned]').getByRole('button', { name: 'Voir l’enchaînement' }).click();
  const chain = page.getByRole('dialog', { name: 'Enchaînement' });
  await chain.getByText('Accord signé').waitFor();
  expect(await chain.getByText('Projet démarré').count()).toBe(2);
  await page.keyboard.press('Escape');
  const [bundle] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Dossier de preuve' }).click(),
  ]);
  expect(bundle.suggestedFilename()).toBe('paraphe-be-migration-2018.zip');
  const { findings, events } = verifyBundle(readFileSync(await bundle.path()));
  expect({ findings, isEmpty: events === 0 }).toEqual({ findings: [], isEmpty: false });

  await page.getByRole('link', { name: 'Comparer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Comparer deux moments' }).waitFor();
  await page.getByRole('group', { name: 'Avant' }).getByLabel('Tel que c’était le').fill('2018-12-31');
  await page.getByText('Rien ne diffère.').waitFor();
  await page.locator('[data-field=title]').getByText('Accord enregistré').waitFor();
});

long('the seal of the log, what was refused, and stories by words are there for auditors', async () => {
  expect((await officer.post('agreements/none/notes', { text: 'x' })).status).toBe(404);
  const page = await visit(AUDITOR);
  await open(page, '/audit?vue=proofs');
  await page.getByText('Le journal contient tout ce qui a été scellé.').waitFor();
  await page.getByRole('button', { name: 'Sceller maintenant' }).click();
  await page.getByText('Le journal est scellé.').first().waitFor();
  await page.getByRole('tab', { name: 'Refus et lectures' }).click();
  await page.getByText('POST agreements/none/notes').waitFor();
  await page.getByRole('tab', { name: 'Histoire' }).click();
  await page.getByLabel('Mots').fill('amuddu');
  await page.locator('[data-event]').first().waitFor();
  await page.getByRole('button', { name: 'Emporter' }).click();
  const [sheet] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Document à classer (PDF/A)' }).click(),
  ]);
  expect(
    readFileSync(await sheet.path())
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
});

long('a person is erased by an administrator, who says why', async () => {
  await officer.post('agreements', {
    id: 'with-person',
    title: 'Avec signataire',
    type: 'protocol',
    parties: [{ organisation: 'ma' }],
  });
  const admin = await paraphe.as(ADMIN);
  const user = {
    name: 'Personne À Effacer',
    email: 'effacer@demo.example',
    password: 'un-mot-de-passe-long',
    roles: ['reader'],
  };
  expect((await admin.post('users', user)).status).toBe(201);
  const page = await visit(ADMIN);
  await open(page, '/administration');
  await page.getByLabel('Chercher une personne').fill('effacer@');
  await page.getByRole('button', { name: 'Effacer : Personne À Effacer' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill('Demande écrite du 24 novembre');
  await dialog.getByRole('button', { name: /Effacer/ }).click();
  await page.getByText('La personne est effacée.').waitFor();
  await page.getByLabel('Chercher une personne').fill('effacée');
  await page.locator('[data-person]').first().waitFor();
  expect(await page.getByText('effacer@demo.example').count()).toBe(0);
});

long('the network drops: the page says so, keeps what was typed, and goes on when it is back', async () => {
  const page = await visit();
  await open(page, '/accords');
  await page.getByRole('button', { name: 'Nouvel accord' }).click();
  await page.getByRole('dialog').getByLabel('Intitulé').fill('Écrit dans le train');
  await page.context().setOffline(true);
  await page.getByText('Le serveur ne répond pas').waitFor();
  await page.context().setOffline(false);
  await page.reload();
  expect(await page.getByRole('dialog').getByLabel('Intitulé').inputValue()).toBe('Écrit dans le train');
  await officer.post('agreements', {
    id: 'back',
    title: 'Revenu en ligne',
    type: 'protocol',
    parties: [{ organisation: 'ma' }],
  });
  await page.locator('a[draggable]').filter({ hasText: 'Revenu en ligne' }).waitFor();
});

long('after something has happened, every section is reached without loading the page anew', async () => {
  const page = await visit(ADMIN);
  await open(page, '/accords');
  await officer.post('agreements', {
    id: 'fresh',
    title: 'Tout frais',
    type: 'protocol',
    parties: [{ organisation: 'ma' }],
  });
  await page.locator('a[draggable]').filter({ hasText: 'Tout frais' }).waitFor();
  const sections = page.getByRole('navigation').getByRole('link');
  for (let index = 0; index < (await sections.count()); index++) {
    await sections.nth(index).click();
    await page.locator('h1').waitFor();
    await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    expect(await page.getByText('n’a pas pu être chargée').count()).toBe(0);
  }
});

long('the scripts of the first view are under 200 kB as they are sent', async () => {
  const page = await visit();
  // What the page after the sign-in still fetches belongs to no first view.
  await page.goto('about:blank');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  const scripts = new Set<string>();
  let bytes = 0;
  devtools.on('Network.responseReceived', ({ requestId, type }) => void (type === 'Script' && scripts.add(requestId)));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await open(page, '/');
  await page.locator('[data-task]').first().waitFor();
  expect(scripts.size).toBeGreaterThan(5);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(200_000);
});

long('no page calls another host, and no script stands in a page', async () => {
  const page = await visit();
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  for (const path of ['/', '/accords', '/carte', '/chiffres']) await open(page, path);
  expect([...hosts]).toEqual([new URL(paraphe.url).host]);
  const response = await page.goto(paraphe.url);
  expect(response!.headers()['content-security-policy']).toContain("default-src 'self'");
  expect(response!.headers()['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
  expect(await page.locator('script:not([src])').count()).toBe(0);
});

const pdf = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n',
);
