import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { launchBrowser, signedIn, visitor } from './support/browser.js';
import { forge } from './support/forger.js';
import { ADMIN, OFFICER, Paraphe } from './support/paraphe.js';
import { oneIn } from './support/sample.js';
import { story } from './support/story.js';

const long = oneIn(3);

const STREAM = 'agreement-sn-migration';

let paraphe: Paraphe;
let browser: Browser;
const complaints: string[] = [];
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  paraphe = await Paraphe.start();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await paraphe?.remove();
});
const leave = async () => {
  for (const context of contexts.splice(0)) await context.close();
};
afterEach(async () => {
  await leave();
  // What a test has the server refuse for the moment is no complaint.
  expect(complaints.splice(0).filter((text) => !text.includes('status of 503'))).toEqual([]);
});

async function visit(user = ADMIN): Promise<Page> {
  const context = await visitor(browser, complaints);
  contexts.push(context);
  return signedIn(context, paraphe.url, user);
}

/** The event store of the server, as any program may talk to it that knows nothing of Paraphe. */
async function bareStore<Result>(use: (client: EventStoreDBClient) => Promise<Result>): Promise<Result> {
  const { eventStore } = JSON.parse(readFileSync(join(paraphe.folder, 'running.json'), 'utf8'));
  const client = new EventStoreDBClient({ endpoint: eventStore.endpoint }, { insecure: true });
  try {
    return await use(client);
  } finally {
    await client.dispose();
  }
}

/** Puts into a stream what no version of the program has ever written. */
const poison = (stream: string) =>
  bareStore((client) =>
    client.appendToStream(stream, jsonEvent({ type: 'agreement.signature-recorded.v1', data: { slot: 7 } })),
  );

/** The last thing that operators did to the house, as it stands in the log. */
const lastOperation = () =>
  bareStore(async (client) => {
    const events = client.readStream('operation-house', { direction: 'backwards', fromRevision: 'end', maxCount: 1 });
    for await (const { event } of events) return event;
    return undefined;
  });

/** Has everything answered in another way that pages fetch, but the feed, which never ends. */
const intercept = (page: Page, answer: (route: Route) => Promise<void>) =>
  page.route(({ pathname }) => pathname.startsWith('/api/v1/') && !pathname.endsWith('/feed'), answer);

it('others have no such page', async () => {
  const page = await visit(OFFICER);
  expect(await page.getByRole('link', { name: 'Suivi du journal' }).count()).toBe(0);
  await page.goto(`${paraphe.url}/consumers`);
  await page.getByText('Votre rôle ne le permet pas.').waitFor();
});

long('lists that catch up say how far they are and of when, until they are complete', async () => {
  const page = await visit();
  await page.goto(`${paraphe.url}/projets`);
  await page.locator('h1').waitFor();
  await intercept(page, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), 'paraphe-catching-up': 'progress=0.412, as-of="2026-11-24T08:12:00Z"' };
    await route.fulfill({ response, headers });
  });
  await page.getByRole('link', { name: 'Accords', exact: true }).click();
  await page.getByRole('status').getByText('Les listes se mettent à jour').waitFor();
  await page.getByText(/^41\s% ; elles montrent l’état du 24 novembre 2026/).waitFor();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByText('Les listes se mettent à jour').waitFor({ state: 'detached' });
});

long('while the lists cannot be read, pages keep what they show, and come by themselves afterwards', async () => {
  const page = await visit();
  await page.goto(`${paraphe.url}/accords`);
  await page.locator('[data-stage]').first().waitFor();
  const problem = { code: 'READ_MODELS_UNAVAILABLE', detail: 'The database does not answer.' };
  await intercept(page, (route) => route.fulfill({ status: 503, json: problem }));
  await page.getByRole('link', { name: 'Rencontres' }).click();
  await page.getByRole('status').getByText('Le serveur ne répond pas').waitFor();
  await page.getByText('Les listes ne peuvent pas être lues pour le moment.').waitFor();
  await page.getByRole('link', { name: 'Accords', exact: true }).click();
  await page.locator('[data-stage]').first().waitFor();
  await page.getByRole('link', { name: 'Rencontres' }).click();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByText('Les listes ne peuvent pas être lues pour le moment.').waitFor({ state: 'detached' });
  await page.getByText('Le serveur ne répond pas').waitFor({ state: 'detached' });
});

story('what is set aside', (step) => {
  const sampled = oneIn(2, 0, step);

  step('an administrator sees that nothing is set aside, and that every list is up to date', async () => {
    const page = await visit();
    await page.getByRole('link', { name: 'Suivi du journal' }).click();
    await page.getByText('Rien n’est mis de côté.').waitFor();
    await page.locator('[data-follower=agreements][data-state=live]').getByText('Liste des accords').waitFor();
    await page.locator('[data-follower="policy:start_projects"]').getByText('à jour').waitFor();
    const named = await page
      .locator('[data-follower]')
      .evaluateAll((rows) =>
        rows.map((row) => ({ name: row.getAttribute('data-follower')!, text: row.textContent ?? '' })),
      );
    expect(named.length).toBeGreaterThan(15);
    // Each in words of the trade, and not by the name of its checkpoint.
    expect(named.filter(({ name, text }) => text.startsWith(name))).toEqual([]);
    expect(await page.locator('[data-state=unknown]').count()).toBe(0);
  });

  sampled(
    'what is set aside is shown with its reason, tried again, and done without for a reason on record',
    async () => {
      const page = await visit();
      await page.goto(`${paraphe.url}/consumers`);
      await poison(STREAM);
      const parked = page.locator(`[data-consumer=agreements] [data-stream=${STREAM}]`);
      await parked.getByText('Signature enregistrée').waitFor();
      expect(await parked.getByRole('link', { name: 'Accord sn-migration' }).getAttribute('href')).toBe(
        '/accords/sn-migration',
      );

      await parked.getByRole('button', { name: 'Réessayer' }).click();
      await page.getByText('Le nouvel essai est demandé.').waitFor();
      await parked.getByText('essayé 2 fois').waitFor();

      await parked.getByRole('button', { name: 'Passer outre' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('se passera pour toujours de cet événement').waitFor();
      await dialog.getByLabel('Motif').fill('Écrit par un autre programme');
      await dialog.getByRole('button', { name: 'Passer outre' }).click();
      await parked.waitFor({ state: 'detached' });

      // The others still have it before them.
      await page.locator(`[data-consumer=timeline] [data-stream=${STREAM}]`).waitFor();
      expect(await lastOperation()).toMatchObject({
        type: 'operation.event-skipped.v1',
        data: { consumer: 'agreements', stream: STREAM, reason: 'Écrit par un autre programme' },
      });
    },
  );

  sampled(
    'upon a log that was rewound, what acts outward waits until an administrator says that it is right',
    async () => {
      await leave();
      await paraphe.stop();
      await forge(paraphe.folder, (events) => events.slice(0, -20));
      await paraphe.start();
      const page = await visit();
      await page.goto(`${paraphe.url}/consumers`);
      const halted = page.locator('[data-another-log]');
      await halted.getByText('La règle « la signature démarre les projets »').waitFor();
      await halted.getByRole('button', { name: 'Ce journal est le bon' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Motif').fill('Sauvegarde restaurée');
      await dialog.getByText('rien de ce qui a été annoncé n’est annoncé de nouveau').waitFor();
      await dialog.getByLabel('À la fin').check();
      await dialog.getByRole('button', { name: 'Ce journal est le bon' }).click();
      await halted.waitFor({ state: 'detached' });
      await page.locator('[data-follower="policy:start_projects"][data-state=live]').waitFor();
      expect(await lastOperation()).toMatchObject({
        type: 'operation.log-acknowledged.v1',
        data: { from: 'end', reason: 'Sauvegarde restaurée' },
      });
    },
  );
});
