import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { THE_DAY } from './paraphe.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
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

export interface Visit extends Pick<BrowserContextOptions, 'colorScheme' | 'viewport'> {
  language?: 'fr' | 'en' | 'ar';
}

/** A browser of somebody's own. What its pages complain of is gathered in `complaints`. */
export async function visitor(browser: Browser, complaints: string[], visit: Visit = {}): Promise<BrowserContext> {
  const { language = 'fr', colorScheme = 'light', viewport = { width: 1280, height: 900 } } = visit;
  const context = await browser.newContext({ viewport, colorScheme, locale: language, reducedMotion: 'reduce' });
  await context.addInitScript(
    `if (location.protocol === 'http:') localStorage.setItem('paraphe.language', '${language}');`,
  );
  // The browser's day is the server's, whenever the tests run.
  await context.clock.setSystemTime(THE_DAY);
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    // That nobody is signed in yet is no complaint, nor is what a test has the network or a form refuse.
    const isExpected = /401|ERR_INTERNET_DISCONNECTED|status of 4\d\d/.test(message.text());
    if (message.type() === 'error' && !isExpected) complaints.push(message.text());
  });
  return context;
}

/** A page for a user who has signed in before. */
export async function signedIn(
  context: BrowserContext,
  url: string,
  user: { email: string; password: string },
): Promise<Page> {
  const answer = await context.request.post(`${url}/api/v1/session`, { data: user });
  if (!answer.ok()) throw new Error(`${user.email} is not signed in: ${answer.status()}`);
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('#content').waitFor();
  return page;
}
