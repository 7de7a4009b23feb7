import { performance } from 'node:perf_hooks';
import type { Browser, Page } from 'playwright-core';
import { eachOf } from '#event-sourcing';
import { launchBrowser, signedIn, visitor } from '../support/browser.js';
import { type ApiUser, OFFICER, Paraphe } from '../support/paraphe.js';

const AGREEMENTS = Number(process.env.BENCH_AGREEMENTS ?? 10_000);
/** As much slower than this machine as an office PC or a phone may be. */
const SLOWER = 4;
const TIMES = 5;
const TYPES = ['treaty', 'cooperation-agreement', 'protocol', 'memorandum-of-understanding'];
const PARTNERS = ['sn', 'tn', 'eg', 'sd', 'ci', 'be'];

/** The pages in headless Chromium: what comes over the wire, when something is seen, how fast things answer. */
export async function benchWeb(): Promise<void> {
  const paraphe = await Paraphe.start();
  const browser = await launchBrowser();
  try {
    console.log('\nThe pages');
    await firstView(browser, paraphe);
    await onTheSample(browser, paraphe);
    const officer = await paraphe.as(OFFICER);
    await fill(officer);
    await answers(officer);
    await interactions(browser, paraphe);
  } finally {
    await browser.close();
    await paraphe.remove();
  }
}

/** The first page after signing in, with nothing in the browser's cache. */
async function firstView(browser: Browser, paraphe: Paraphe): Promise<void> {
  for (const rate of [1, SLOWER]) {
    const painted: number[] = [];
    const usable: number[] = [];
    let scripts = 0;
    for (let time = 0; time < TIMES; time++) {
      const context = await visitor(browser, []);
      const first = await signedIn(context, paraphe.url, OFFICER);
      await first.close();
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send('Network.enable');
      await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
      await devtools.send('Emulation.setCPUThrottlingRate', { rate });
      const isScript = new Set<string>();
      scripts = 0;
      devtools.on('Network.responseReceived', ({ requestId, type }) => type === 'Script' && isScript.add(requestId));
      devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        if (isScript.has(requestId)) scripts += encodedDataLength;
      });
      await page.goto(paraphe.url);
      await page.locator('[data-task]').first().waitFor();
      usable.push(await page.evaluate<number>('performance.now()'));
      painted.push(
        await page.evaluate<number>(
          `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()`,
        ),
      );
      await context.close();
    }
    const where = rate === 1 ? 'this machine' : `${SLOWER} times slower`;
    if (rate === 1) say('scripts of the first view, compressed', `${Math.round(scripts / 1_000)} kB`);
    say(`first contentful paint, ${where}`, `${Math.round(median(painted))} ms`);
    say(`what waits for me is shown, ${where}`, `${Math.round(median(usable))} ms`);
  }
}

/** From a click to what it shows, on the sample portfolio, each page having been seen once. */
async function onTheSample(browser: Browser, paraphe: Paraphe): Promise<void> {
  const page = await signedIn(await visitor(browser, []), paraphe.url, OFFICER);
  const section = (name: string) => page.getByRole('link', { name, exact: true });
  const visits: [string, () => Promise<void>][] = [
    [
      'the board is opened',
      async () => {
        await section('Accords').click();
        await page.locator('a[draggable]').first().waitFor();
      },
    ],
    [
      'an agreement is opened from it',
      async () => {
        await page.locator('a[draggable]').first().click();
        await page.locator('[data-event]').first().waitFor();
      },
    ],
    [
      'the projects are opened',
      async () => {
        await section('Projets').click();
        await page.getByRole('link', { name: /Maghrib Belgium Impulse/ }).waitFor();
      },
    ],
    [
      'today is opened',
      async () => {
        await section('Aujourd’hui').click();
        await page.locator('[data-task]').first().waitFor();
      },
    ],
  ];
  const taken = new Map<string, number[]>(visits.map(([what]) => [what, []]));
  for (let time = 0; time <= TIMES; time++) {
    for (const [what, act] of visits) {
      const start = performance.now();
      await act();
      if (time > 0) taken.get(what)!.push(performance.now() - start);
    }
  }
  for (const [what, times] of taken) say(`sample: ${what}`, `${Math.round(median(times))} ms`);
  await page.context().close();
}

async function fill(officer: ApiUser): Promise<void> {
  await eachOf(
    Array.from({ length: AGREEMENTS }, (_, n) => n),
    32,
    async (n) => {
      const { status } = await officer.post('agreements', {
        id: `bench-${n}`,
        title: `Accord n° ${n} de coopération`,
        type: TYPES[n % TYPES.length]!,
        parties: [{ organisation: 'ma' }, { organisation: PARTNERS[n % PARTNERS.length]! }],
        owner: 'demo-officer',
        effectiveOn: `20${String(10 + (n % 16)).padStart(2, '0')}-0${1 + (n % 9)}-15`,
      });
      if (status !== 201) throw new Error(`Agreement ${n}: ${status}`);
    },
  );
}

/** What the server takes for what a page asks, over so many agreements. */
async function answers(officer: ApiUser): Promise<void> {
  const asked = [
    'agreements/board',
    'agreements/facets?country=SN',
    'agreements?sort=-waiting&limit=100',
    'agreements?q=coopération&limit=100',
    'agreements/figures',
    'agenda',
  ];
  for (const path of asked) {
    const taken: number[] = [];
    for (let time = 0; time <= TIMES; time++) {
      const start = performance.now();
      const { status } = await officer.get(path);
      if (status !== 200) throw new Error(`${path}: ${status}`);
      if (time > 0) taken.push(performance.now() - start);
    }
    say(`${path}, of ${AGREEMENTS}`, `${Math.round(median(taken))} ms`);
  }
}

/** From a key or a click until the page shows what it asked for. */
async function interactions(browser: Browser, paraphe: Paraphe): Promise<void> {
  const page = await signedIn(await visitor(browser, []), paraphe.url, OFFICER);
  await page.goto(`${paraphe.url}/accords?vue=table`);
  await page.locator('[data-agreement]').first().waitFor();
  const search = page.getByRole('textbox', { name: 'Rechercher…' });
  await timed(page, `table: one of ${AGREEMENTS} is found by typing (200 ms of it a pause)`, async (time) => {
    await search.fill(`${7_000 + time}`);
    await page.locator(`[data-agreement=bench-${7_000 + time}]`).waitFor();
  });
  await search.fill('');
  await page.locator('[data-agreement]').nth(5).waitFor();
  await timed(page, 'table: sorted the other way', async (time) => {
    await page.getByRole('columnheader', { name: 'Étape' }).getByRole('button').click();
    const order = time % 2 === 0 ? 'ascending' : 'descending';
    await page.locator(`[role=columnheader][aria-sort=${order}]`).filter({ hasText: 'Étape' }).waitFor();
  });
  await timed(page, 'table: a thousand rows further', async (time) => {
    await page.locator('.sheet').evaluate((sheet, top) => Object.assign(sheet, { scrollTop: top }), time * 400);
    await page.locator('[data-agreement]').nth(3).waitFor();
  });
}

async function timed(page: Page, what: string, act: (time: number) => Promise<void>): Promise<void> {
  const taken: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    const start = performance.now();
    await act(time);
    taken.push(performance.now() - start);
  }
  await page.waitForLoadState();
  say(what, `${Math.round(median(taken))} ms`);
}

const median = (figures: number[]): number => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)]!;
const say = (what: string, figure: string) => console.log(`${what.padEnd(76)} ${figure}`);
