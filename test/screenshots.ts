import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser, signedIn, type Visit, visitor } from './support/browser.js';
import { ADMIN, AUDITOR, eventually, OFFICER, Paraphe } from './support/paraphe.js';

// `npm run screenshots`: the main pages of the sample portfolio, as the documentation shows them.

const FOLDER = 'docs/images';
const DESK = { width: 1360, height: 860 };
const PHONE = { width: 390, height: 780 };

interface Picture extends Visit {
  name: string;
  path: string;
  user?: typeof OFFICER;
  /** As high as the page is, up to so many pixels. */
  height?: number;
}

const PICTURES: Picture[] = [
  { name: 'today', path: '/' },
  { name: 'board', path: '/accords' },
  { name: 'table', path: '/accords?vue=table' },
  { name: 'agreement', path: '/accords/be-migration-2018', height: 1180 },
  { name: 'timeline', path: '/projets?vue=timeline' },
  { name: 'project', path: '/projets/giz-collectivites', height: 1180 },
  { name: 'brief', path: '/pays/BE' },
  { name: 'map', path: '/carte' },
  { name: 'figures', path: '/chiffres', height: 1060 },
  { name: 'log', path: '/audit' },
  { name: 'proofs', path: '/audit?vue=proofs', user: AUDITOR },
  { name: 'comparison', path: '/comparer/agreement/be-migration-2018?fromEffectiveAt=2018-03-15', user: AUDITOR },
  { name: 'administration', path: '/administration', user: ADMIN },
  { name: 'sheet', path: '/echanges?feuille={upload}', height: 1180 },
  { name: 'arabic', path: '/accords', language: 'ar' },
  { name: 'dark', path: '/accords/be-migration-2018', colorScheme: 'dark', language: 'en' },
  { name: 'phone', path: '/', viewport: PHONE },
];

mkdirSync(FOLDER, { recursive: true });
const paraphe = await Paraphe.start();
const browser = await launchBrowser();
const complaints: string[] = [];
const upload = await checkedSheet();
try {
  for (const { name, path, user = OFFICER, height, ...visit } of PICTURES) {
    const viewport = { ...(visit.viewport ?? DESK), ...(height && { height }) };
    const context = await visitor(browser, complaints, { ...visit, viewport });
    const page = await signedIn(context, paraphe.url, user);
    await page.goto(paraphe.url + path.replace('{upload}', upload));
    await page.locator('h1').waitFor();
    await page.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    await page.waitForLoadState('load');
    await page.evaluate('document.fonts.ready');
    await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
    await context.close();
    console.log(`docs/images/${name}.png`);
  }
} finally {
  await browser.close();
  await paraphe.remove();
}
if (complaints.length > 0) throw new Error(complaints.join('\n'));

/** A sheet as a desk keeps it, sent and looked through. */
async function checkedSheet(): Promise<string> {
  const officer = await paraphe.as(OFFICER);
  const rows = [
    'N°;Objet;Nature;Partenaires;Statut;Signé le',
    'CONV/2016/08;Convention de jumelage;Convention spécifique;"Maroc; Belgique";Signé;nov. 2016',
    'CONV/2017/01;Mémorandum sur les semences;Mémorandum d’entente;"Maroc; Sénégal";Signé;16 et 17 mars 2017',
    'CONV/2017/02;Mémorandum sur la pêche;Mémorandum d’entente;"Maroc; Senegall";Signé;03/04/2017',
    'CONV/2018/02;Accord-cadre de coopération;Accord-cadre;"Maroc; Belgique";En négociation;bientôt',
  ];
  const response = await fetch(`${paraphe.url}/api/v1/uploads?name=suivi-2018.csv`, {
    method: 'POST',
    headers: { authorization: `Bearer ${officer.token}`, 'content-type': 'application/octet-stream' },
    body: rows.join('\n'),
  });
  const { id, proposals } = (await response.json()) as { id: string; proposals: { kind: string; columns: object }[] };
  await officer.post(`uploads/${id}/check`, { kind: 'agreements', columns: proposals[0]!.columns as never });
  await eventually(
    () => officer.get(`uploads/${id}`),
    ({ body }) => body.state === 'checked',
  );
  return id;
}
