import { ADMIN, type ApiUser, eventually, OFFICER, type Paraphe } from '../support/paraphe.js';

/** What a command did is seen in lists within this. */
const SEEN_WITHIN_MS = 5_000;

const LIFECYCLE = `
id: canary
labels: { fr: Canari, en: Canary, ar: كناري }
initial: drafting
stages:
  - { id: drafting, kind: preparation, labels: { fr: En rédaction, en: Drafting, ar: قيد الصياغة } }
  - { id: dropped, kind: ended, labels: { fr: Abandonné, en: Dropped, ar: متخلى عنه } }
transitions:
  - { id: drop, from: [drafting], to: dropped, records: AgreementWithdrawn, labels: { fr: Abandonner, en: Drop, ar: التخلي } }
`;

/** A client that does what is right, beside all that is wrong: with subjects of its own that no other request knows. */
export class Canary {
  private constructor(
    private readonly url: string,
    private readonly officer: ApiUser,
  ) {}

  static async hatch(paraphe: Paraphe): Promise<Canary> {
    const [admin, officer] = await Promise.all([paraphe.as(ADMIN), paraphe.as(OFFICER)]);
    await done(admin.send('PUT', 'lifecycles/canary', LIFECYCLE, {}));
    for (const id of ['canary-house', 'canary-partner'])
      await done(officer.post('organisations', { id, name: `The ${id}`, kind: 'agency' }));
    await done(officer.post('projects', { id: 'canary', title: 'A project of the canary' }));
    return new Canary(paraphe.url, officer);
  }

  /** What does not work as it should for somebody who does nothing wrong; nothing where all is well. */
  async sing(number: number): Promise<string[]> {
    const faults: string[] = [];
    const holds = async (what: string, look: () => Promise<string | undefined>) => {
      const begin = performance.now();
      const fault = await look().catch((error: unknown) => String(error));
      const took = performance.now() - begin;
      if (fault !== undefined) faults.push(`${what}: ${fault}`);
      else if (took > SEEN_WITHIN_MS) faults.push(`${what}: took ${Math.round(took)} ms`);
    };
    await holds('/health/live', () => this.answers('health/live'));
    await holds('an agreement is drafted, moved, and seen', () =>
      this.moves(`canary-${String(number).padStart(9, '0')}`),
    );
    for (const path of ['api/v1/projects/canary', 'api/v1/projects/canary/history'])
      await holds(`/${path}`, () => this.answers(path));
    await holds('/health/ready', () => this.isReady());
    return faults;
  }

  private async moves(id: string): Promise<string | undefined> {
    const word = id.replace('-', '');
    const parties = [{ organisation: 'canary-house' }, { organisation: 'canary-partner' }];
    const drafted = { id, title: `Agreement ${word}`, type: 'specific-convention', lifecycle: 'canary', parties };
    await done(this.officer.post('agreements', drafted));
    const { position } = (await done(this.officer.post(`agreements/${id}/transitions/drop`))) as { position: string };
    const { items } = (await done(this.officer.get(`agreements?q=${word}&after=${position}`))) as {
      items: { id: string; stage: { id: string } }[];
    };
    const stage = items.find((item) => item.id === id)?.stage.id;
    if (stage !== 'dropped') return `the list says ${stage ?? 'nothing'} of it`;
    const history = (await done(this.officer.get(`agreements/${id}/history?after=${position}`))) as { items: object[] };
    return history.items.length >= 2 ? undefined : `its timeline has ${history.items.length} events`;
  }

  private async answers(path: string): Promise<string | undefined> {
    const { status } = await this.get(path);
    return status === 200 ? undefined : `answers ${status}`;
  }

  /** Ready, and nothing set aside: also a while later, for consumers take their time. */
  private async isReady(): Promise<string | undefined> {
    let said = '';
    const look = async () => {
      const response = await this.get('health/ready');
      said = await response.text();
      const { problems = [], warnings = [] } = JSON.parse(said) as {
        problems?: object[];
        warnings?: { what: string }[];
      };
      // That nobody listens at an address that somebody registered is no fault of the house.
      const ours = warnings.filter(({ what }) => !what.startsWith('changes:'));
      return response.status === 200 && problems.length === 0 && ours.length === 0;
    };
    return eventually(look, Boolean, SEEN_WITHIN_MS).then(
      () => undefined,
      () => said || 'does not answer',
    );
  }

  private get(path: string): Promise<Response> {
    const { token } = this.officer;
    return fetch(`${this.url}/${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(2 * SEEN_WITHIN_MS),
    });
  }
}

async function done(sent: Promise<{ status: number; body: object }>): Promise<object> {
  const { status, body } = await sent;
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body).slice(0, 500)}`);
  return body;
}
