import { Inject, Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { agreements } from '#agreements';
import { type Clock, EventStore, onItsOwn, streamName } from '#event-sourcing';
import { warningOnceAMinute } from '#operations';
import { organisations } from '#organisations';
import { programmes } from '#programmes';
import { type ProjectRow, projects } from '#projects';
import { ReadStore } from '#read-store';
import { CLOCK, xmlText } from '#web-api';
import {
  type ActivityContext,
  activityOf,
  type LinkedDocument,
  type ReportingOrganisation,
  type Transaction,
} from './activities.js';
import { element, written, type Xml } from './xml.js';

/** Injection token of the address under which documents are found. */
export const DOCUMENTS_URL = Symbol('documents url');

interface Row extends ProjectRow {
  managed_by: string | null;
}

const BATCH = 200;
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Writes projects as IATI 2.03. */
@Injectable()
export class IatiExport {
  private readonly warn = warningOnceAMinute('IATI', 'A project is left out');

  constructor(
    private readonly readStore: ReadStore,
    private readonly eventStore: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DOCUMENTS_URL) private readonly documentsUrl: string,
  ) {}

  /**
   * The activities of all projects, or of one; what cannot be told is named in a comment.
   *
   * @throws whatever stands in the way of reading the one that was asked for
   */
  async *activities(reporting: ReportingOrganisation, only?: string): AsyncGenerator<string> {
    const organisations = await this.organisations();
    const now = this.clock.now().toISOString();
    const context: ActivityContext = { reporting, now, organisation: (id) => organisations.get(id) };
    yield `${HEAD}<iati-activities version="2.03" generated-datetime="${now}">\n`;
    const leftOut: string[] = [];
    for (let after = ''; ; ) {
      const { rows } =
        await sql<Row>`select p.*, g.managed_by from ${sql.table(projects.name)} p left join ${sql.table(programmes.name)} g on g.id = p.programme
        where p.id > ${after} and (${only ?? null}::text is null or p.id = ${only ?? null}) order by p.id limit ${BATCH}`.execute(
          this.readStore.tables(),
        );
      for (const project of rows) {
        let text: string | undefined;
        await onItsOwn(
          async () => (text = await this.activity(project, context)),
          (error) => {
            if (only !== undefined) throw error;
            this.warn(error);
          },
        );
        if (text === undefined) leftOut.push(project.id);
        else yield text;
      }
      if (rows.length < BATCH) break;
      after = rows.at(-1)!.id;
    }
    if (leftOut.length > 0)
      yield `  <!-- Left out, for no date is known or the record cannot be read: ${leftOut.map(xmlText).join(' ').replaceAll('--', '-')} -->\n`;
    yield '</iati-activities>\n';
  }

  /** One project as an activity; undefined where no date is known of it. */
  private async activity(project: Row, context: ActivityContext): Promise<string | undefined> {
    const [transactions, documents] = await Promise.all([this.transactionsOf(project.id), this.documentsOf(project)]);
    const told = { project, transactions, documents, managedBy: project.managed_by ?? undefined };
    const activity = activityOf(told, context);
    return activity && written(activity, 1);
  }

  /** The organisation file: of the one that publishes. */
  organisationFile({ ref, name, type }: ReportingOrganisation): string {
    const now = this.clock.now().toISOString();
    const narrative: Xml = element('narrative', {}, name);
    const organisation = element(
      'iati-organisation',
      { 'last-updated-datetime': now, 'xml:lang': 'fr' },
      element('organisation-identifier', {}, ref),
      element('name', {}, narrative),
      element('reporting-org', { ref, type }, narrative),
    );
    return HEAD + written(element('iati-organisations', { version: '2.03', 'generated-datetime': now }, organisation));
  }

  private async organisations(): Promise<Map<string, { name: string; kind: string }>> {
    const rows = await this.readStore.from(organisations).select(['id', 'name', 'kind']).execute();
    return new Map(rows.map(({ id, ...named }) => [id, named]));
  }

  private async transactionsOf(project: string): Promise<Transaction[]> {
    const events = await this.eventStore.eventsOf(streamName('project', project));
    return events.flatMap(({ type, data, effectiveOn }): Transaction[] => {
      const { by, amount, currency, disbursedOn } = data as Record<string, string>;
      if (!by || !amount || !currency) return [];
      if (type === 'FundingCommitted') return [{ kind: 'commitment', by, amount, currency, on: effectiveOn }];
      return type === 'FundsDisbursed' ? [{ kind: 'disbursement', by, amount, currency, on: disbursedOn! }] : [];
    });
  }

  /** The documents of the project's agreement, unless that is confidential. */
  private async documentsOf({ agreement }: ProjectRow): Promise<LinkedDocument[]> {
    if (!agreement) return [];
    const { rows } = await sql<{ confidential: boolean }>`select confidential from ${sql.table(agreements.name)}
      where id = ${agreement}`.execute(this.readStore.tables());
    if (rows[0]?.confidential !== false) return [];
    const events = await this.eventStore.eventsOf(streamName('agreement', agreement));
    return events.flatMap(({ type, data }) => {
      const { sha256, title, language } = data as Record<string, string>;
      if (type !== 'DocumentAttached' || !sha256 || !title) return [];
      return [{ url: `${this.documentsUrl}/${sha256}`, title, language }];
    });
  }
}
