import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser, signedIn, visitor } from './support/browser.js';
import { nothingOfLists } from './support/nothing.js';
import { ADMIN, Paraphe } from './support/paraphe.js';

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

let paraphe: Paraphe;
let browser: Browser;
let context: BrowserContext;
const complaints: string[] = [];

beforeAll(async () => {
  paraphe = await Paraphe.start();
  browser = await launchBrowser();
});
beforeEach(async () => {
  context = await visitor(browser, complaints);
});
afterEach(async () => {
  await context.close();
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await paraphe?.remove();
});

/** Lists as they are before the first event is in them: stages, ages and months are there, and count nothing. */
function emptied(value: unknown): unknown {
  if (typeof value === 'number') return 0;
  const isThere = (one: { count?: number; country?: string }) => one?.count !== undefined && one.country === undefined;
  if (Array.isArray(value)) return value.filter(isThere).map(emptied);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).map(([name, part]) => [name, name.endsWith('Days') ? part : emptied(part)]);
  return Object.fromEntries(kept);
}

/** What does not come from lists: who is signed in, definitions, and what one subject's own record says. */
const OF_THE_LOG = /^\/api\/v1\/(session|lifecycles|reminder-policies|calendars.*|(agreements|projects)\/[^/]*-[^/]*)$/;

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
  const page = await signedIn(context, paraphe.url, ADMIN);
  await atZero(page);
  const nothing = [...nothingOfLists('fr').values()];
  const claims: Record<string, string[]> = {};
  let unknown = 0;
  for (const path of PAGES) {
    await open(page, path);
    const said = await saidOn(page);
    const numbers = said.match(/^0$|(?<!\d )\b0 (?!à )\p{L}+|\(0\)|\(vide\)/gmu) ?? [];
    const found = [...nothing.filter((sentence) => said.includes(sentence)), ...numbers];
    if (found.length > 0) claims[path] = found;
    if (said.includes(UNKNOWN)) unknown++;
  }
  expect(claims).toEqual({});
  expect(unknown).toBeGreaterThan(14);

  await open(page, '/rencontres');
  await page.getByText(UNKNOWN, { exact: true }).waitFor();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByText(UNKNOWN, { exact: true }).waitFor({ state: 'detached' });
  expect(await page.getByText('Aucune rencontre.').count()).toBe(0);
});

it('what a list does not have yet is not told to be missing', async () => {
  const page = await signedIn(context, paraphe.url, ADMIN);
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

it.each(['fr', 'ar'] as const)('what cannot be shown is said in the language of the page: %s', async (language) => {
  await context.close();
  context = await visitor(browser, complaints, { language });
  const words = JSON.parse(readFileSync(`apps/web/src/language/${language}.json`, 'utf8'));
  const page = await signedIn(context, paraphe.url, ADMIN);
  await page.goto(`${paraphe.url}/accords/no-such-agreement`);
  const alert = page.locator('#content .mantine-Alert-root');
  await alert.getByText(words.common.notFound).waitFor();
  await alert.getByText(words.problem.status[404]).waitFor();
  expect(await alert.innerText()).not.toMatch(/no-such-agreement|There is/);
  for (const refusal of REFUSALS) {
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
